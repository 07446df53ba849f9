import Formats
import Glibc
import Model

/// Appends frames to a segment of its own.
struct SpoolSegmentWriter: ~Copyable {
    private let descriptor: Int32
    private let path: String
    private(set) var bytes: Int
    private let run: UInt64
    private var encoder = BatchEncoder()

    /// Makes the file, with its header.
    init(_ path: String, _ header: SpoolFormat.SegmentHeader) throws(SinkFailure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw SinkFailure("\(path): \(String(cString: strerror(errno)))") }
        var header = header.sealed()
        let count = withUnsafeBytes(of: &header) { write(descriptor, $0.baseAddress, $0.count) }
        guard count == MemoryLayout<SpoolFormat.SegmentHeader>.size else {
            let reason = String(cString: strerror(count < 0 ? errno : ENOSPC))
            close(descriptor)
            unlink(path)
            throw SinkFailure("\(path): \(reason)")
        }
        self.descriptor = descriptor
        self.path = path
        bytes = count
        run = header.run
    }

    deinit { close(descriptor) }

    /// Adds a frame, whole or not at all. After an error the writer is of no use: what it believes to have written is not.
    mutating func append(
        _ batch: EventBatch,
        number: UInt64,
        events: KindCounts,
        _ buffer: inout TextBuffer
    ) throws(SinkFailure) {
        buffer.clear()
        var header = SpoolFormat.FrameHeader()
        buffer.put(header)
        encoder.encode(batch, into: &buffer)
        let begin = MemoryLayout<SpoolFormat.FrameHeader>.size
        let payload = UnsafeRawBufferPointer(rebasing: buffer.bytes[begin...])
        guard payload.count <= SpoolFormat.largestPayload else { throw SinkFailure("\(path): a batch too large") }
        header.length = UInt32(payload.count)
        header.run = run
        header.number = number
        header.events = events.values
        header.checksum = SpoolFormat.checksum(payload)
        buffer.replace(at: 0, with: header.sealed())
        var written = 0
        while written < buffer.count {
            let count = pwrite(
                descriptor,
                buffer.bytes.baseAddress.map { $0 + written },
                buffer.count - written,
                off_t(bytes + written)
            )
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let reason = String(cString: strerror(count < 0 ? errno : ENOSPC))
                ftruncate(descriptor, off_t(bytes))
                throw SinkFailure("\(path): \(reason)")
            }
            written += count
        }
        bytes += written
    }

    /// Has all of it on the disk itself. Costs as much as the disk takes.
    func sync() throws(SinkFailure) {
        guard fdatasync(descriptor) == 0 else { throw SinkFailure("\(path): \(String(cString: strerror(errno)))") }
    }
}
