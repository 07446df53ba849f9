import Collector
import Fixtures
import Glibc
import Model
import Synchronization
import Testing

/// Asks engines about containers, and keeps what is complained of meanwhile.
final class Asker: Sendable {
    private let said = Mutex<[String]>([])

    var lines: [String] { said.withLock { $0 } }

    static func container(_ path: String) throws -> Container {
        let bytes = Array(path.utf8)
        return try #require(bytes.withUnsafeBytes { Container(ContainerPath($0), in: $0) })
    }

    func names(
        _ sockets: [EngineSocket],
        connector: EngineConnector? = nil,
        persistence: Double = 0
    ) -> ContainerNames {
        let sockets = EngineSockets(replacing: sockets).connected(by: connector)
        return ContainerNames(sockets, persistence: persistence) { line in
            self.said.withLock { $0.append(line) }
        }
    }

    /// Asks, waits until all is decided, and returns what the answers are as events.
    func ask(_ names: ContainerNames, _ containers: [Container]) throws -> [JSON] {
        defer { names.close() }
        names.ask(containers)
        for _ in 0..<4000 {
            let counts = names.counts
            if counts.answered + counts.unknown + counts.failed + counts.dropped >= containers.count { break }
            usleep(5000)
        }
        return try Pipeline().json(names.takeAnswers(at: 100)).map(\.container)
    }
}
