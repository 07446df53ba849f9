import Glibc

/// One pass of an iterator program: a stream of the bytes that it writes.
public struct BPFIterator: ~Copyable {
    private let descriptor: Int32

    init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Reads more into `buffer` and returns how many bytes; 0 at the end.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(BPFError) -> Int {
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            // EAGAIN: the kernel asks for another call after a long stretch without output.
            if errno != EINTR && errno != EAGAIN {
                throw BPFError(step: .iterator, subject: "iterator", errno: errno)
            }
        }
    }
}
