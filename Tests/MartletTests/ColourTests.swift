import Fixtures
import Foundation
import Glibc
import Testing

/// Colour is for terminals, and for who asks for it.
@Suite struct ColourTests {
    private let recorded: RecordedRun
    private var martlet: Martlet { recorded.martlet }
    private var folder: TemporaryFolder { recorded.folder }
    private var path: String { recorded.path }

    init() throws {
        recorded = try RecordedRun([[Records.exit(Who(7, start: 70), at: 1)]])
    }

    private func isColoured(_ bytes: [UInt8]) -> Bool { bytes.contains(0x1b) }

    @Test func whatIsNoTerminalGetsNoColour() throws {
        #expect(!isColoured(try martlet.run("replay", path, environment: ["NO_COLOR": nil, "TERM": "xterm"]).output))
    }

    @Test func whoAsksForColourGetsIt() throws {
        #expect(isColoured(try martlet.run("replay", path, "--color", "always").output))
        #expect(isColoured(try martlet.run("replay", path, "--color", "always", environment: ["NO_COLOR": "1"]).output))
        #expect(!isColoured(try martlet.run("replay", path, "--color", "never").output))
    }

    @Test func jsonAndFilesHaveNoColour() throws {
        #expect(!isColoured(try martlet.run("replay", path, "-o", "json", "--color", "always").output))
        _ = try martlet.run("replay", path, "--color", "always", "--to", folder.path("events"))
        #expect(!isColoured(try #require(folder.read("events"))))
    }

    /// What a terminal gets.
    private func onTerminal(_ environment: [String: String?], _ more: String...) throws -> [UInt8] {
        let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        defer { close(terminal) }
        // unlockpt and ptsname, which Swift does not see
        var (lock, number): (Int32, UInt32) = (0, 0)
        try #require(ioctl(terminal, 0x4004_5431, &lock) == 0 && ioctl(terminal, 0x8004_5430, &number) == 0)
        let other = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
        let handle = FileHandle(fileDescriptor: other, closeOnDealloc: true)
        _ = try Martlet.run(martlet.path, ["replay", path] + more, environment: environment, output: handle)
        var text = [UInt8](repeating: 0, count: 4096)
        let count = read(terminal, &text, text.count)
        return Array(text.prefix(max(0, count)))
    }

    @Test func aTerminalGetsColourUnlessItOrTheUserWantsNone() throws {
        #expect(isColoured(try onTerminal(["NO_COLOR": nil, "TERM": "xterm"])))
        #expect(isColoured(try onTerminal(["NO_COLOR": "", "TERM": "xterm"])))
        #expect(!isColoured(try onTerminal(["NO_COLOR": "1", "TERM": "xterm"])))
        #expect(!isColoured(try onTerminal(["NO_COLOR": nil, "TERM": "dumb"])))
        #expect(!isColoured(try onTerminal(["NO_COLOR": nil, "TERM": "xterm"], "--color", "never")))
    }
}
