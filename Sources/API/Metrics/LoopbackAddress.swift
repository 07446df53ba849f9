import Glibc
import NIOCore

/// A TCP port that only this machine can reach.
package struct LoopbackAddress: Sendable, Equatable, CustomStringConvertible {
    private let tcp: TCPAddress

    package var description: String { tcp.description }

    /// "127.0.0.1" or "::1".
    package var host: String { tcp.address.ipAddress ?? "" }

    package var port: Int { tcp.address.port ?? 0 }

    /// From `127.0.0.1:2112` or `[::1]:2112`.
    package init?(_ text: String) {
        guard let address = TCPAddress(text) else { return nil }
        self.init(address)
        // Whichever port is free is none to ask at; and one way to write a number is enough.
        guard port > 0, text.hasSuffix(":\(port)") else { return nil }
    }

    /// - Parameter port: 0: whichever is free.
    package init?(host: String, port: Int) {
        guard let address = TCPAddress(host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)") else { return nil }
        self.init(address)
    }

    private init?(_ address: TCPAddress) {
        let host = address.address.ipAddress ?? ""
        switch address.address.protocol {
        case .inet where host.hasPrefix("127."), .inet6 where host == "::1": tcp = address
        default: return nil
        }
    }

    func listen() throws(MetricsFailure) -> TCPListener {
        do {
            return try TCPListener(tcp)
        } catch {
            guard case .system(_, let number) = error else { throw .socket(error) }
            throw .address(self, number)
        }
    }
}

/// Why metrics cannot be told.
package enum MetricsFailure: Error, CustomStringConvertible {
    case socket(ListenerFailure)
    case address(LoopbackAddress, Int32)

    package var description: String {
        switch self {
        case .socket(let failure): "metrics-socket: \(failure)"
        case .address(let address, EADDRINUSE):
            "metrics-address: \(address) is in use: choose another port, or end what listens there "
                + "(ss -ltnp 'sport = :\(address.port)' tells)"
        case .address(let address, EADDRNOTAVAIL), .address(let address, EAFNOSUPPORT):
            "metrics-address: this machine has no \(address.host): choose \(address.host == "::1" ? "127.0.0.1" : "[::1]")"
        case .address(let address, EACCES):
            "metrics-address: \(address): ports below 1024 are for root: choose a higher one, such as 2112"
        case .address(let address, let error):
            "metrics-address: cannot listen on \(address): \(String(cString: strerror(error)))"
        }
    }
}
