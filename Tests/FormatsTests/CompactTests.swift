import CWire
import Fixtures
import Foundation
import Testing

/// One line per event for people.
@Suite struct CompactTests {
    private let shell = Who(40, start: 4000)
    private let child = Who(41, start: 5000)
    private var clock: [UInt8] { Records.clock(wall: 1_764_000_000_123_000_000, at: 0) }

    /// The line of the last of some records.
    private func line(_ records: [UInt8]..., colored: Bool = false) throws -> String {
        try #require(Pipeline().compact([clock] + records, colored: colored).last)
    }

    @Test func anExecShowsProgramAndArguments() throws {
        let line = try line(Records.exec(child, of: shell, at: 0, binary: "/bin/cat", args: ["cat", "-n", "a b"]))
        #expect(line == #"16:00:00.123 exec        41 /bin/cat -n "a b""#)
    }

    @Test func cutArgumentsEndInAnEllipsis() throws {
        let line = try line(
            Records.exec(child, of: shell, at: 0, args: ["x", "y"]) {
                $0.body.marks = UInt32(MT_PROCESS_ARGS_TRUNCATED)
            }
        )
        #expect(line.hasSuffix(" y …"))
    }

    @Test func aForkShowsItsParent() throws {
        let line = try line(
            Records.exec(shell, of: Who(1, start: 0), at: 0, binary: "/bin/bash"),
            Records.fork(child, of: shell, at: 1)
        )
        #expect(line == "16:00:00.123 fork        41 /bin/bash from 40")
    }

    @Test func aProcessWithoutABinaryIsShownByItsName() throws {
        let line = try line(Records.fork(child, of: shell, at: 1, comm: "kworker"))
        #expect(line == "16:00:00.123 fork        41 [kworker] from 40")
    }

    @Test func anExitShowsStatusOrSignal() throws {
        #expect(try line(Records.exit(child, at: 1, status: 3 << 8)).hasSuffix(" 3"))
        #expect(try line(Records.exit(child, at: 1, status: 9)).hasSuffix(" SIGKILL"))
    }

    @Test func anOpenShowsPathFlagsAndError() throws {
        #expect(try line(Records.open(child, at: 1)).hasSuffix("41 [] /etc/motd O_RDONLY"))
        #expect(try line(Records.open(child, at: 1, name: "gone", path: nil)).hasSuffix("41 [] gone O_RDONLY ENOENT"))
    }

    @Test func anOddPathShowsItsMarks() throws {
        let line = try line(Records.open(child, at: 1) { $0.body.path.marks = UInt32(MT_MARK_DELETED) })
        #expect(line.hasSuffix(" deleted"))
    }

    @Test func aFailedExecShowsWhatAndWhy() throws {
        #expect(try line(Records.execFailed(child, at: 1)).hasSuffix(#" /no/such "one two" ENOENT"#))
    }

    @Test func aLossShowsItsFieldsAndNoSpaceAtTheEnd() throws {
        let line = try line(Records.loss(kind: 5, reason: 0, count: 12, at: 1))
        #expect(line == "16:00:00.123 loss        event=open reason=ring_full count=12")
    }

    @Test func theClockItselfIsNoLine() { #expect(Pipeline().compact([clock]).isEmpty) }

    @Test func withoutColourThereIsNoEscape() {
        for line in Pipeline().compact(Records.ofEachKind()) { #expect(!line.utf8.contains(0x1b)) }
    }

    @Test func colourChangesNothingButColour() {
        let plain = Pipeline().compact(Records.ofEachKind())
        let coloured = Pipeline().compact(Records.ofEachKind(), colored: true)
        #expect(coloured.map { $0.replacing(#/\u{1b}\[[0-9]+m/#, with: "") } == plain)
        #expect(coloured.allSatisfy { $0.contains("\u{1b}[") })
    }

    @Test func everyColourIsSetBack() {
        for line in Pipeline().compact(Records.ofEachKind(), colored: true) {
            let codes = line.matches(of: #/\u{1b}\[([0-9]+)m/#).map(\.output.1)
            for (index, code) in codes.enumerated() { #expect((code == "0") == (index % 2 == 1)) }
        }
    }

    /// Whoever names a file writes to the terminal of whoever watches, if one byte of it goes through.
    @Test func noByteFromOutsideReachesTheTerminalAsACommand() {
        let evil = "\u{1b}]0;owned\u{7}\n\r\u{8}\u{7f}\u{9b}31m"
        let raw = Array(evil.utf8) + [0x9b, 0xff]
        let records = [
            Records.fork(child, of: shell, at: 1, comm: "\u{1b}[2J\n"),
            Records.execFailed(child, at: 2, filename: evil, args: ["x", evil]),
            Records.exec(child, of: shell, at: 3, binary: "/tmp/\(evil)", args: ["x", evil, "\(evil) y"]),
            Records.open(child, at: 4) { $0.body.path.text = $0.text(raw) },
            Records.open(child, at: 5) {
                $0.body.path.text = $0.text(raw)
                $0.body.path.marks = UInt32(MT_MARK_PSEUDO)
                $0.body.path.magic = 0x0904_1934
            },
            Records.open(child, at: 6, path: nil) { $0.body.name = $0.text(raw) },
            Records.exit(child, at: 7),
        ]
        let pipeline = Pipeline()
        let text = pipeline.text(pipeline.batch(records), .compact)
        #expect(text.filter { $0 == 10 }.count == records.count)
        #expect(text.allSatisfy { ($0 >= 0x20 && $0 != 0x7f) || $0 == 10 })
        #expect(
            String(validating: text, as: UTF8.self)?.unicodeScalars.contains { (0x80..<0xa0).contains($0.value) }
                == false
        )
    }
}
