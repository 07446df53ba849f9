import API
import Agent
import Fixtures
import Testing

/// Where a configuration has metrics told, and where it cannot.
@Suite struct MetricsKeysTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func options(_ text: String) throws -> RunOptions {
        var options = RunOptions()
        let path = try folder.write(Array(text.utf8), to: "martlet.yaml")
        try Configuration(ConfigurationFiles(path: path), environment: [:]).apply(to: &options)
        return options
    }

    @Test func nothingListensOnTCPUnlessAsked() throws {
        let options = try options("")
        #expect(options.metrics.path(control: "/run/martlet/martlet.sock") == "/run/martlet/metrics.sock")
        #expect(options.metrics.path(control: "/a/b.sock") == "/a/metrics.sock")
        #expect(options.metrics.address == nil)
        #expect(!options.measuresPrograms)
    }

    @Test func whatIsAskedForIsTaken() throws {
        let options = try options("metrics-socket: none\nmetrics-address: '[::1]:2112'\nbpf-stats: true")
        #expect(options.metrics.path(control: "/a/b.sock") == nil)
        #expect(options.metrics.address == LoopbackAddress(host: "::1", port: 2112))
        #expect(options.measuresPrograms)
    }

    @Test(arguments: ["0.0.0.0:2112", "10.0.0.1:2112", "'[::]:2112'", "metrics.example.com:2112"])
    func anAddressThatOthersReachIsRefusedWithTheReasonAndAWayOut(address: String) throws {
        let error = #expect(throws: ConfigurationError.self) { try options("metrics-address: \(address)") }
        let problem = "\(try #require(error?.problems.first))"
        #expect(problem.contains("loopback") && problem.contains("reverse proxy with TLS"))
    }

    @Test(arguments: ["relative.sock", "/" + String(repeating: "x", count: 107)])
    func aSocketThatCouldNotBeMadeIsToldBefore(path: String) {
        #expect(throws: ConfigurationError.self) { try options("metrics-socket: \(path)") }
    }
}
