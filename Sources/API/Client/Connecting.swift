import Glibc
import NIOCore

/// Connections to where an agent listens, made before gRPC gets them.
enum Connecting {
    static func connect(_ path: String) throws(ControlClientFailure) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < room, !path.utf8.contains(0) else {
            throw .system("\(path): a socket's path has at most \(room - 1) bytes")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = try open(AF_UNIX)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return try check(result, descriptor, path)
    }

    static func connect(_ address: TCPAddress) throws(ControlClientFailure) -> Int32 {
        let descriptor = try open(address.address.protocol == .inet6 ? AF_INET6 : AF_INET)
        let result = address.address.withSockAddr { Glibc.connect(descriptor, $0, socklen_t($1)) }
        return try check(result, descriptor, "\(address)")
    }

    private static func open(_ family: Int32) throws(ControlClientFailure) -> Int32 {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .system(String(cString: strerror(errno))) }
        return descriptor
    }

    private static func check(_ result: Int32, _ descriptor: Int32, _ place: String) throws(ControlClientFailure)
        -> Int32
    {
        guard result != 0 else { return descriptor }
        let error = errno
        close(descriptor)
        switch error {
        case ENOENT, ECONNREFUSED: throw .nobody(place)
        case EACCES, EPERM:
            throw .notPermitted("may not connect to \(place): run as root, or as a member of its group")
        default: throw .system("\(place): \(String(cString: strerror(error)))")
        }
    }
}
