import Formats
import Glibc
import Model

/// Writes events to a file of its own, whole lines only, and puts it aside by size and age.
package final class FileSink: Sink, @unchecked Sendable {
    private let path: String
    private let rotation: Rotation
    private var writer: EventWriter
    private var descriptor: Int32
    private var size = 0
    private var begun = 0
    private var isRegular = true
    private var mayBlock = false

    /// Opens the file to append; a new one is readable by its owner alone.
    package init(path: String, rotation: Rotation, writer: consuming EventWriter) throws(SinkFailure) {
        self.path = path
        self.rotation = rotation
        self.writer = writer
        descriptor = -1
        try open()
    }

    deinit { close(descriptor) }

    private func open() throws(SinkFailure) {
        // Without waiting, or a named pipe that nobody reads would hold everything up.
        let opened = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0o600)
        guard opened >= 0 else {
            let reason =
                errno == ENXIO ? "nobody reads this pipe: start its reader first" : String(cString: strerror(errno))
            throw SinkFailure("\(path): \(reason)")
        }
        _ = fcntl(opened, F_SETFL, O_APPEND)
        var information = stat()
        guard fstat(opened, &information) == 0, information.st_mode & S_IFMT != S_IFDIR else {
            Glibc.close(opened)
            throw SinkFailure("\(path): not a file")
        }
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = opened
        isRegular = information.st_mode & S_IFMT == S_IFREG
        mayBlock = DescriptorWriter.mayBlock(opened)
        size = isRegular ? Int(information.st_size) : 0
        begun = time(nil)
    }

    package func write(_ batch: EventBatch, isUrgent: () -> Bool) -> SinkResult {
        if isDue {
            do { try rotate() } catch { return .failed(after: 0, error) }
        }
        // Copies, so that the writer can be used while they are looked at.
        let (descriptor, isRegular, mayBlock, path) = (descriptor, isRegular, mayBlock, path)
        var size = size
        var result = SinkResult.written
        writer.write(batch) { bytes, events in
            let whole = { (count: Int) in events.lowerBound + DescriptorWriter.lines(bytes, within: count) }
            switch DescriptorWriter.write(bytes, to: descriptor, mayBlock: mayBlock, isUrgent: isUrgent) {
            case .all:
                size += bytes.count
                return true
            case .abandoned(let count): result = .abandoned(after: whole(count))
            case .failed(let count, let error):
                size += isRegular ? DescriptorWriter.cutBack(bytes, written: count, descriptor) : count
                let failure = SinkFailure("\(path): \(String(cString: strerror(error)))")
                result = .failed(after: whole(count), failure)
            }
            return false
        }
        self.size = size
        return result
    }

    private var isDue: Bool {
        guard isRegular, size > 0 else { return false }
        if let limit = rotation.size, size >= limit { return true }
        if let age = rotation.age, time(nil) - begun >= age { return true }
        return false
    }

    /// FILE.1 becomes FILE.2 and so on; the oldest goes.
    private func rotate() throws(SinkFailure) {
        guard access(path, F_OK) == 0 else {
            // Somebody took it away, or an earlier try came this far: the old files stay where they are.
            try open()
            return
        }
        if rotation.count > 0 {
            for number in stride(from: rotation.count - 1, through: 1, by: -1) {
                rename("\(path).\(number)", "\(path).\(number + 1)")
            }
            guard rename(path, "\(path).1") == 0 else {
                throw SinkFailure("\(path): cannot be put aside: \(String(cString: strerror(errno)))")
            }
        } else {
            unlink(path)
        }
        try open()
    }

    package func reopen() {
        // A failure keeps the old file; the next SIGHUP may have better luck.
        try? open()
    }
}
