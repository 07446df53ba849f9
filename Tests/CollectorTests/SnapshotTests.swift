import CWire
import Fixtures
import Model
import Testing

/// Processes that ran before the agent.
@Suite struct SnapshotTests {
    private let system = Who(1, start: 0)
    private let shell = Who(40, start: 4000)
    private let nobody = Who(0, start: 0)

    private var found: [[UInt8]] {
        [
            Records.snapshot(system, of: nobody, at: 9000, binary: "/sbin/init"),
            Records.snapshot(shell, of: system, at: 9000, binary: "/bin/bash"),
        ]
    }

    private func open(after records: [[UInt8]]) throws -> JSON {
        try #require(try Pipeline().json(records + [Records.open(shell, at: 10000)]).last).process_file
    }

    @Test func aProcessThatWasFoundIsKnownAndMarked() throws {
        let event = try open(after: found)
        #expect(event.process.binary.text == "/bin/bash")
        #expect(event.process.flags.text == "procFS")
        #expect(event.parent.binary.text == "/sbin/init")
    }

    @Test func aSnapshotIsAnEventOfItsOwnWithAllDetails() throws {
        let event = try #require(try Pipeline().json(found).last).process_snapshot
        #expect(event.process.argv.texts == ["init"])
        #expect(event.process.start_time.text == "1970-01-01T00:00:00.000004000Z")
    }

    @Test func whatWasSeenLiveIsNotReplacedByWhatIsFound() throws {
        let live = Records.exec(shell, of: system, at: 8000, binary: "/bin/live")
        let event = try open(after: [live] + found)
        #expect(event.process.binary.text == "/bin/live")
    }

    @Test func whatHappensAfterwardsReplacesWhatWasFound() throws {
        let live = Records.exec(shell, of: system, at: 9500, binary: "/bin/live")
        let event = try open(after: found + [live])
        #expect(event.process.binary.text == "/bin/live")
        #expect(event.process.flags.text == "execve")
        #expect(event.parent.binary.text == "/sbin/init")
    }

    @Test func aProcessThatWasMissedIsKnownOnceItIsFound() throws {
        let event = try open(after: [Records.open(shell, at: 8000)] + found)
        #expect(event.process.binary.text == "/bin/bash")
    }

    @Test func aProcessThatIsFoundTakesTheNumberOfADeadOne() throws {
        let dead = Who(40, start: 100)
        let event = try open(after: [Records.exec(dead, of: system, at: 200), Records.exit(dead, at: 300)] + found)
        #expect(event.process.binary.text == "/bin/bash")
    }

    @Test func theFirstProcessTellsWhatTheHostsNamespacesAre() throws {
        let records = [
            Records.snapshot(system, of: nobody, at: 9000) { $0.body.namespaces.net = 7 },
            Records.snapshot(shell, of: system, at: 9000) {
                $0.body.namespaces.net = 8
                $0.body.namespaces.mnt = 0
            },
        ]
        let namespaces = try #require(try Pipeline().json(records).last).process_snapshot.process.ns
        #expect(namespaces.net.inum.number == 8 && namespaces.net.is_host.boolean == false)
        #expect(namespaces.pid.is_host.boolean == true)
        #expect(namespaces.mnt.isAbsent)
    }

    @Test func withoutTheFirstProcessNobodyKnowsWhatTheHostsNamespacesAre() throws {
        let namespaces = try #require(try Pipeline().json([found[1]]).last).process_snapshot.process.ns
        #expect(namespaces.pid.inum.number == 4_026_531_836)
        #expect(namespaces.pid.is_host.isAbsent)
    }

    @Test func argumentsFromProcAreMarked() throws {
        let record = Records.snapshot(shell, of: system, at: 9000) { $0.body.marks = UInt32(MT_PROCESS_FROM_PROC) }
        #expect(
            try #require(try Pipeline().json([record]).last).process_snapshot.process.marks.texts == ["source_proc"]
        )
    }
}
