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
