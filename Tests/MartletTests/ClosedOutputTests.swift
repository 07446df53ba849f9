import Fixtures
import Foundation
import Testing

/// Whoever has seen enough closes the pipe.
@Suite struct ClosedOutputTests {
    private let recorded: RecordedRun
    private var martlet: Martlet { recorded.martlet }
    private var folder: TemporaryFolder { recorded.folder }
    private var path: String { recorded.path }

    init() throws {
        let shell = Who(40, start: 4000)
        recorded = try RecordedRun(
            (0..<50).map { part in (0..<1000).map { Records.open(shell, at: part * 1000 + $0) } }
        )
    }

    @Test func afterTheFirstLineItEndsQuietly() throws {
        let script = #""$0" replay "$1" -o json --quiet | head -n 1; echo "${PIPESTATUS[0]}""#
        let result = try Martlet.run("/bin/bash", ["-c", script, martlet.path, path])
        #expect(result.lines.count == 2)
        #expect(result.lines.last == "0")
        #expect(result.errors.isEmpty)
    }

    /// Descriptors are given by the lowest number that is free.
    @Test func noFileTakesTheNumberOfAStreamThatIsClosed() throws {
        let events = folder.path("events")
        let script = #""$0" replay "$1" --count 1 -o json --to "$2" >&- 2>&-"#
        let result = try Martlet.run("/bin/bash", ["-c", script, martlet.path, path, events])
        #expect(result.exitCode == 0)
        let lines = String(decoding: try #require(folder.read("events")), as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 1)
        #expect(throws: Never.self) { try JSON(parsing: String(lines[0])) }
    }

    @Test func aStandardOutputThatIsClosedIsTold() throws {
        let script = #""$0" replay "$1" --count 1 >&-"#
        let result = try Martlet.run("/bin/bash", ["-c", script, martlet.path, path])
        #expect(result.errors.contains("standard output: Bad file descriptor"))
        #expect(result.errors.contains("lost 1 by sink_failed"))
    }

    @Test func theSummaryTellsWhatNobodyRead() throws {
        let script = #""$0" replay "$1" -o json | head -n 1"#
        let result = try Martlet.run("/bin/bash", ["-c", script, martlet.path, path])
        #expect(result.errors.contains(" lost"))
        #expect(!result.errors.contains("unexplained"), "\(result.errors)")
        #expect(!result.errors.contains("error"))
    }
}
