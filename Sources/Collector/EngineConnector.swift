import CPrivileges
import Glibc

/// A process of its own that may connect to container engines' sockets: to those that it was started with, and the users'.
///
/// It ends with this object, or with the process that holds it. Belongs to one thread at a time.
package final class EngineConnector: Sendable {
    private let socket: Int32
    private let paths: [String]

    /// Forks the process, which becomes this user: best before there is a second thread. Nil when that does not work.
    package init?(_ engines: EngineSockets, uid: UInt32, gid: UInt32) {
        // A path with a % in it would be read as a user's.
        let system = Set(engines.system.map(\.path)).filter { !$0.contains("%") }.sorted()
        paths = system + EngineSocket.userPaths.map(\.path)
        let strings = paths.map { strdup($0) }
        defer { for string in strings { free(string) } }
        socket = strings.map { UnsafePointer($0) }.withUnsafeBufferPointer {
            cprivileges_connector_start($0.baseAddress, $0.count, uid, gid)
        }
        if socket < 0 { return nil }
    }

    deinit { if socket >= 0 { close(socket) } }

    /// A connection that does not block: to root, or at a user's path to that user.
    package func connect(to engine: EngineSocket) throws(EngineFailure) -> Int32 {
        if let index = paths.firstIndex(of: engine.path) { return try connect(index, 0) }
        guard let index = paths.firstIndex(where: { $0.replacing("%u", with: "\(engine.owner)") == engine.path }) else {
            throw EngineFailure(connecting: EACCES)
        }
        return try connect(index, engine.owner)
    }

    private func connect(_ path: Int, _ user: UInt32) throws(EngineFailure) -> Int32 {
        var peer = UInt32.max
        let descriptor = cprivileges_connector_connect(socket, UInt32(path), user, &peer)
        if descriptor >= 0 { return descriptor }
        throw descriptor == -EPERM && peer != .max ? .foreign(peer) : EngineFailure(connecting: -descriptor)
    }
}

extension EngineConnector: Hashable {
    package static func == (left: EngineConnector, right: EngineConnector) -> Bool { left === right }

    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
