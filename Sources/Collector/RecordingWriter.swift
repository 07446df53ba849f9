import Glibc
import Model

/// Writes a recording, a chunk per batch.
package struct RecordingWriter: ~Copyable {
    private let file: Int32
    private let path: String

    /// Makes the file, readable by its owner alone; one that is there already is an error.
    package init(path: String, node: String) throws(RecordingError) {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .system(path: path, errno: errno) }
        var name = Array(node.utf8.prefix(Recording.largestName))
        // Half a character would not come back as it was.
        while String(validating: name, as: UTF8.self) == nil { name.removeLast() }
        let words = [
            Recording.version, Recording.byteOrder, UInt32(name.count), name.withUnsafeBytes(Recording.checksum),
        ]
        let header = Recording.magic + Recording.words(words) + name
        do {
            try Self.write(header, to: file, path)
        } catch {
            close(file)
            unlink(path)
            throw error
        }
        self.file = file
        self.path = path
    }

    deinit { close(file) }

    /// Adds all records of a batch, whatever filters said about their events.
    package func write(_ batch: EventBatch) throws(RecordingError) {
        let records = batch.records
        guard records.count > 0 else { return }
        let header = Recording.words([Recording.chunk, UInt32(records.count), Recording.checksum(records)])
        let begin = lseek(file, 0, SEEK_CUR)
        do {
            try Self.write(header, to: file, path)
            try Self.write(records, to: file, path)
        } catch {
            // Half a chunk would hide all that may still follow.
            ftruncate(file, begin)
            lseek(file, begin, SEEK_SET)
            throw error
        }
    }

    private static func write(_ bytes: [UInt8], to file: Int32, _ path: String) throws(RecordingError) {
        try bytes.withUnsafeBytes { area in
            Result { () throws(RecordingError) in try write(area, to: file, path) }
        }.get()
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to file: Int32, _ path: String) throws(RecordingError) {
        var written = 0
        while written < bytes.count {
            let count = Glibc.write(file, bytes.baseAddress.map { $0 + written }, bytes.count - written)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .system(path: path, errno: errno) }
            written += count
        }
    }
}
