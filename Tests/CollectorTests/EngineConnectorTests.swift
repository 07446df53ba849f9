import Collector
import Foundation
import Glibc
import Testing

/// Engines' sockets that a process of its own connects to.
@Suite(.enabled(if: geteuid() == 0, "only root has a capability to leave to another process"))
struct EngineConnectorTests {
    private static let id = String(repeating: "2f1c9be01d5a4c8e", count: 4)
    private let asker = Asker()
    private let engine: FakeEngine

    init() throws {
        engine = try FakeEngine { _ in
            .sendAndStay(FakeEngine.answer(#"{"Id":"\#(Self.id)","Name":"/web","Config":{"Image":"one"}}"#))
        }
        // Whoever is not root may not connect.
        #expect(chmod(engine.path, 0o600) == 0)
    }

    /// Asks about one container by a process of user 1001 that was started with `known`.
    private func ask(_ socket: EngineSocket, known: [EngineSocket]) throws -> String? {
        let connector = try #require(EngineConnector(EngineSockets(replacing: known), uid: 1001, gid: 1001))
        let names = asker.names([socket], connector: connector)
        return try asker.ask(names, [Asker.container("/docker/\(Self.id)")]).first?.name.text
    }

    @Test func rootsSocketIsConnectedTo() throws {
        let socket = EngineSocket(.docker, engine.path)
        #expect(try ask(socket, known: [socket]) == "web")
        #expect(asker.lines.isEmpty)
    }

    @Test func whoeverElseListensThereIsStillNotBelieved() throws {
        let socket = EngineSocket(.docker, engine.path, owner: 1002)
        #expect(try ask(socket, known: [socket]) == nil)
        #expect(asker.lines.first?.contains("user 0 listens there, who is not the engine's") == true, "\(asker.lines)")
        #expect(engine.asked.isEmpty)
    }

    @Test(.enabled(if: canListen, "needs setpriv (util-linux) and perl"))
    func atAnEnginesPathNobodyButRootIsConnectedTo() throws {
        // Of a user, who would be believed here: the other process has a rule of its own.
        let path = engine.path + ".user"
        let listener = try Self.listen(path, as: 1002)
        defer { listener.terminate() }
        let socket = EngineSocket(.docker, path, owner: 1002)
        #expect(try ask(socket, known: [socket]) == nil)
        #expect(asker.lines.first?.contains("user 1002 listens there, who is not the engine's") == true)
    }

    @Test(.enabled(if: canListen, "needs setpriv (util-linux) and perl"))
    func atAUsersPathNobodyButThatUserIsConnectedTo() throws {
        let user: UInt32 = 64002
        let folder = "/run/user/\(user)"
        try FileManager.default.createDirectory(atPath: folder + "/real", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(chown(folder, user, user) == 0 && chown(folder + "/real", user, user) == 0)
        let connector = try #require(EngineConnector(EngineSockets(), uid: 1001, gid: 1001))
        func failure(_ socket: EngineSocket) -> EngineFailure? {
            do throws(EngineFailure) {
                close(try connector.connect(to: socket))
                return nil
            } catch {
                return error
            }
        }
        let docker = EngineSocket(.docker, folder + "/docker.sock", owner: user)
        let podman = EngineSocket(.podman, folder + "/podman/podman.sock", owner: user)
        #expect(failure(docker) == .absent)
        // Links, to root's socket and to one's own, and one in the middle of a path.
        #expect(symlink(engine.path, docker.path) == 0)
        #expect(failure(docker) == .link)
        let listener = try Self.listen(folder + "/real/podman.sock", as: user)
        defer { listener.terminate() }
        #expect(symlink("real", folder + "/podman") == 0)
        #expect(failure(podman) == .link)
        #expect(unlink(docker.path) == 0 && symlink("real/podman.sock", docker.path) == 0)
        #expect(failure(docker) == .link)
        // The user's own, and then somebody else's in its place.
        #expect(unlink(folder + "/podman") == 0 && rename(folder + "/real", folder + "/podman") == 0)
        #expect(failure(podman) == nil)
        #expect(unlink(docker.path) == 0)
        let other = try Self.listen(docker.path, as: 0)
        defer { other.terminate() }
        #expect(failure(docker) == .foreign(0))
        #expect(engine.asked.isEmpty)
    }

    @Test func aLinkInPlaceOfASocketIsNotFollowed() throws {
        let socket = EngineSocket(.docker, engine.path + ".link")
        #expect(symlink(engine.path, socket.path) == 0)
        #expect(try ask(socket, known: [socket]) == nil)
        #expect(asker.lines.first?.contains("a symbolic link leads there") == true, "\(asker.lines)")
        #expect(engine.asked.isEmpty)
    }

    @Test func aLinkAmongTheFoldersIs() throws {
        let link = "/tmp/mt-link-\(getpid())"
        #expect(symlink(URL(filePath: engine.path).deletingLastPathComponent().path, link) == 0)
        defer { unlink(link) }
        let socket = EngineSocket(.docker, link + "/engine.sock")
        #expect(try ask(socket, known: [socket]) == "web")
    }

    private static let canListen =
        access("/usr/bin/setpriv", X_OK) == 0 && access("/usr/bin/perl", X_OK) == 0

    /// A process of another user that listens at a path, in a folder that anybody may write in.
    private static func listen(_ path: String, as user: UInt32) throws -> Process {
        #expect(chmod(String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.endIndex)), 0o777) == 0)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/setpriv")
        let script = "use IO::Socket::UNIX; $s = IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 8) or die; sleep 60"
        process.arguments = ["--reuid", "\(user)", "--clear-groups", "perl", "-e", script, path]
        try process.run()
        for _ in 0..<1000 where access(path, F_OK) != 0 { usleep(5000) }
        // Bound, and a moment later listened on.
        usleep(100_000)
        return process
    }

    @Test func aPathThatItWasNotStartedWithIsRefused() throws {
        #expect(try ask(EngineSocket(.docker, engine.path), known: []) == nil)
        #expect(asker.lines.first?.contains("Permission denied") == true, "\(asker.lines)")
        #expect(engine.asked.isEmpty)
    }

    @Test func whereNobodyListensThereIsNothingToComplainOf() throws {
        let socket = EngineSocket(.docker, "/run/martlet-test-nobody.sock")
        #expect(try ask(socket, known: [socket]) == nil)
        #expect(asker.lines.isEmpty)
    }
}
