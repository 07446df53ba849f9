import Fixtures
import Foundation
import Testing

/// `martlet config`, and `martlet run` with one, as a user runs them.
@Suite struct ConfigTests {
    private let martlet: Martlet
    private let folder: TemporaryFolder

    init() throws {
        martlet = try Martlet()
        folder = try TemporaryFolder()
    }

    private func file(_ text: String) throws -> String {
        let path = folder.path("martlet.yaml")
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    @Test func checkSaysOkOrAllThatIsWrong() throws {
        let good = try martlet.run("config", "check", "--config", try file("rings: 2\nformat: json\n"))
        #expect(good.exitCode == 0)
        #expect(good.text == "ok: 2 keys are set\n")
        let path = try file("rings: two\nformat: xml\n")
        let bad = try martlet.run("config", "check", "--config", path)
        #expect(bad.exitCode == 78)
        #expect(bad.output.isEmpty)
        #expect(bad.errors.contains("martlet: \(path):1:8: rings: 'two' is not 1, 2, 4 … 64\n"))
        #expect(bad.errors.contains("martlet: \(path):2:9: format: 'xml' is not one of"))
    }

    @Test func showTellsWhereAKeyWasSet() throws {
        let path = try file("rings: 2\n")
        let result = try martlet.run("config", "show", "--config", path, environment: ["MARTLET_FORMAT": "json"])
        #expect(result.exitCode == 0)
        #expect(result.text.contains("rings: 2  # \(path):1:1\n"))
        #expect(result.text.contains("format: json  # $MARTLET_FORMAT\n"))
    }

    @Test func aRunWithAFaultyConfigurationDoesNotBegin() throws {
        let result = try martlet.run("run", "--config", try file("rings: two\n"), "--duration", "1")
        #expect(result.exitCode == 78)
        #expect(result.output.isEmpty)
        #expect(result.errors.contains("rings: 'two'"))
        #expect(!result.errors.contains("watching"))
    }
}
