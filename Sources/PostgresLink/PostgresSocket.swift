import Glibc

/// One end of the socket between agent and helper. Belongs to one thread at a time.
package struct PostgresSocket: ~Copyable {
    /// Why nothing more comes or goes.
    package enum Failure: Error, Equatable, Sendable {
        /// The other end has gone.
        case closed
        /// `isUrgent` said so.
        case abandoned
        /// What came is no message of this version.
        case malformed
        case system(Int32)
    }

    private let descriptor: Int32

    /// Takes over a stream socket.
    package init(owning descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Sends a message; waits for room in steps, and gives up when `isUrgent` says so: half of it may be out then.
    package borrowing func send(_ message: PostgresMessage, isUrgent: () -> Bool = { false }) throws(Failure) {
        let bytes = message.bytes
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(
                    descriptor,
                    $0.baseAddress.map { $0 + sent },
                    bytes.count - sent,
                    Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
                )
            }
            if count > 0 {
                sent += count
            } else if errno == EAGAIN {
                try wait(POLLOUT, isUrgent)
            } else if errno != EINTR {
                throw errno == EPIPE || errno == ECONNRESET ? .closed : .system(errno)
            }
        }
    }

    /// Waits for the next message.
    package borrowing func receive(isUrgent: () -> Bool = { false }) throws(Failure) -> PostgresMessage {
        let header = try read(PostgresMessage.headerSize, isUrgent)
        let length = header.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
        guard Int(length) <= PostgresMessage.largest else { throw .malformed }
        let body = try read(Int(length), isUrgent)
        guard let message = PostgresMessage(type: header[4], body: body) else { throw .malformed }
        return message
    }

    /// Whether something can be read, or the other end has gone, now.
    package borrowing func isReadable() -> Bool {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&wanted, 1, 0) > 0
    }

    private borrowing func read(_ count: Int, _ isUrgent: () -> Bool) throws(Failure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var position = 0
        while position < count {
            let got = bytes.withUnsafeMutableBytes {
                recv(descriptor, $0.baseAddress.map { $0 + position }, count - position, Int32(MSG_DONTWAIT))
            }
            if got > 0 {
                position += got
            } else if got == 0 {
                throw .closed
            } else if errno == EAGAIN {
                try wait(POLLIN, isUrgent)
            } else if errno != EINTR {
                throw errno == ECONNRESET ? .closed : .system(errno)
            }
        }
        return bytes
    }

    private borrowing func wait(_ event: Int32, _ isUrgent: () -> Bool) throws(Failure) {
        while !isUrgent() {
            var wanted = pollfd(fd: descriptor, events: Int16(event), revents: 0)
            if poll(&wanted, 1, 50) > 0 { return }
        }
        throw .abandoned
    }
}
