import Glibc
import NIOCore

/// An address of TCP, as numbers: names are not looked up, since what they stand for may change.
package struct TCPAddress: Sendable, Equatable, CustomStringConvertible {
    package let description: String
    let address: SocketAddress

    /// From `192.0.2.1:4711` or `[2001:db8::1]:4711`.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard let address = try? SocketAddress(ipAddress: String(host), port: Int(port)) else { return nil }
        self.address = address
        description = text
    }
}

/// A socket of TCP that listens.
package struct TCPListener {
    /// Listens; does not block. Whoever takes it closes it.
    package let descriptor: Int32
    package let address: TCPAddress

    package init(_ address: TCPAddress) throws(ListenerFailure) {
        descriptor = try Self.open(address)
        self.address = address
    }

    private static func open(_ address: TCPAddress) throws(ListenerFailure) -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(address.address.protocol == .inet6 ? AF_INET6 : AF_INET, type, 0)
        guard descriptor >= 0 else { throw .system("cannot make a socket for \(address)", errno) }
        var on: Int32 = 1
        // Connections of before may still be closing; whoever listens there now is in the way all the same.
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        let result = address.address.withSockAddr { bind(descriptor, $0, socklen_t($1)) }
        guard result == 0, listen(descriptor, 64) == 0 else {
            let error = errno
            close(descriptor)
            throw .system("cannot listen on \(address)", error)
        }
        return descriptor
    }

    /// Where it listens, also when its port was left to the kernel.
    package var port: Int {
        var address = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        // In both families the port lies in the same place.
        let error = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return error == 0 ? Int(UInt16(bigEndian: address.sin6_port)) : 0
    }
}
