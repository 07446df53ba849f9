import Glibc

/// Writes all bytes to a descriptor, as far as it takes them.
enum DescriptorWriter {
    /// How it ended, and how many bytes are out.
    enum Outcome: Equatable {
        case all
        case failed(Int, errno: Int32)
        case abandoned(Int)
    }

    /// Writes; on what may block without end it waits in steps, and gives up when `isUrgent` says so.
    static func write(
        _ bytes: UnsafeRawBufferPointer,
        to descriptor: Int32,
        mayBlock: Bool,
        isUrgent: () -> Bool
    ) -> Outcome {
        var written = 0
        while written < bytes.count {
            var size = bytes.count - written
            if mayBlock {
                guard isWritable(descriptor, isUrgent) else { return .abandoned(written) }
                // A pipe that polls as writable takes this much without blocking, and no more is promised.
                size = min(size, Int(PIPE_BUF))
            }
            let count = Glibc.write(descriptor, bytes.baseAddress.map { $0 + written }, size)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { return .failed(written, errno: count == 0 ? ENOSPC : errno) }
            written += count
        }
        return .all
    }

    private static func isWritable(_ descriptor: Int32, _ isUrgent: () -> Bool) -> Bool {
        // Asked before each piece: a reader that is slow but steady would otherwise never let a wait run out.
        while !isUrgent() {
            var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            if poll(&wanted, 1, 50) > 0 { return true }
        }
        return false
    }

    /// Whether a write may wait for a reader: pipes, sockets and terminals do, files and /dev/null do not.
    static func mayBlock(_ descriptor: Int32) -> Bool {
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { return false }
        let kind = information.st_mode & S_IFMT
        return kind == S_IFIFO || kind == S_IFSOCK || isatty(descriptor) == 1
    }

    /// Takes the half line back that a failed write left at the end of a file: it would join with the next one.
    ///
    /// - Parameter written: how many bytes of `bytes` are out.
    /// - Returns: how many of them stay: those of whole lines.
    static func cutBack(_ bytes: UnsafeRawBufferPointer, written: Int, _ descriptor: Int32) -> Int {
        let whole = bytes[..<written].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let end = lseek(descriptor, 0, SEEK_CUR)
        if whole < written, end >= written - whole, ftruncate(descriptor, end - (written - whole)) == 0 {
            lseek(descriptor, end - (written - whole), SEEK_SET)
        }
        return whole
    }

    /// How many lines of `bytes` end within the first `count` of them.
    static func lines(_ bytes: UnsafeRawBufferPointer, within count: Int) -> Int {
        bytes[..<count].reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
    }
}
