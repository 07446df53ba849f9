import Agent
import Model
import Outputs
import Testing

/// The books of a run, as people read them.
@Suite struct LedgerTests {
    private func ledger(produced: UInt64, written: UInt64, lost: UInt64 = 0) -> Ledger {
        var ledger = Ledger()
        ledger.produced[.open] = produced
        ledger.written[.open] = written
        ledger.lost[.open, .ringFull] = lost
        return ledger
    }

    @Test func booksThatAddUpHaveNothingUnexplained() {
        var ledger = ledger(produced: 23, written: 11, lost: 5)
        ledger.filtered[.open] = 7
        #expect(ledger.unexplained(.open) == 0)
        #expect(!ledger.text.contains("unexplained"))
        #expect(ledger.text.hasPrefix("0.0 s, 23 events: 11 written, 7 filtered out, 5 lost\n"))
        #expect(ledger.text.contains("lost 5 by ring_full: "))
    }

    @Test func aDifferenceIsTold() {
        let ledger = ledger(produced: 23, written: 20, lost: 2)
        #expect(ledger.unexplained(.open) == 1)
        #expect(ledger.text.contains("    1 open events on their way, or unexplained"))
    }

    @Test func theAgentsOwnHeartbeatsAreNotAmongTheEvents() {
        var ledger = ledger(produced: 23, written: 20, lost: 3)
        ledger.produced[.heartbeat] = 9
        ledger.lost[.heartbeat, .ringFull] = 2
        #expect(ledger.text.contains("lost 3 by ring_full: "))
        #expect(ledger.text.contains("2 of the agent's own heartbeats did not arrive"))
    }

    @Test func aRunHasFailedWhenAnOutputOrTheRecordingRefusedEvents() {
        var refused = ledger(produced: 23, written: 20)
        refused.lost[.open, .sinkFailed] = 3
        #expect(refused.hasFailed)
        refused.readerLeft = true
        #expect(!refused.hasFailed)
        var unrecorded = ledger(produced: 23, written: 23)
        unrecorded.unrecorded = 1
        #expect(unrecorded.hasFailed)
        #expect(unrecorded.text.contains("1 events are not in the recording"))
        #expect(!ledger(produced: 23, written: 20, lost: 3).hasFailed)
    }

    @Test func whatBecameOfEarlierRunsEventsIsToldApart() {
        var ledger = ledger(produced: 23, written: 23)
        var counts = OutputCounts()
        ledger.earlier = [Ledger.Output(name: "file", counts: counts)]
        #expect(!ledger.text.contains("earlier"))
        counts.delivered[.open] = 101
        counts.damaged[.open] = 7
        ledger.earlier = [Ledger.Output(name: "postgres", counts: counts)]
        #expect(ledger.unexplained(.open) == 0)
        #expect(
            ledger.text.contains(
                "\npostgres: of what earlier runs left in its spool 101 written, 7 lost by spool_damaged"
            )
        )
    }

    @Test func whatWaitsInASpoolIsNeitherWrittenNorLost() {
        var ledger = ledger(produced: 23, written: 11)
        ledger.waiting[.open] = 12
        #expect(ledger.unexplained(.open) == 0)
        #expect(ledger.text.contains("\n12 events wait in the spool"))
        var counts = OutputCounts()
        counts.delivered[.open] = 3
        counts.waiting[.open] = 13
        counts.forcedOut[.open] = 7
        ledger.further = [Ledger.Output(name: "postgres", counts: counts)]
        #expect(ledger.unexplained(.open, in: ledger.further[0]) == 0)
        #expect(ledger.text.contains("\npostgres: 3 written, 7 lost (7 by spool_limit), 13 waiting in the spool"))
    }

    @Test func aFurtherOutputHasALineOfItsOwnThatAddsUp() {
        var ledger = ledger(produced: 23, written: 11, lost: 5)
        ledger.filtered[.open] = 7
        var counts = OutputCounts()
        counts.delivered[.open] = 8
        counts.queueFull[.open] = 2
        counts.failed[.open] = 1
        let output = Ledger.Output(name: "/var/events.db", counts: counts)
        ledger.further = [output]
        #expect(ledger.unexplained(.open, in: output) == 0)
        #expect(ledger.text.contains("\n/var/events.db: 8 written, 3 lost (2 by queue_full, 1 by sink_failed)"))
        #expect(ledger.hasFailed)
        ledger.produced[.open] += 1
        ledger.written[.open] += 1
        #expect(ledger.unexplained(.open) == 0)
        #expect(ledger.text.contains("3 lost (2 by queue_full, 1 by sink_failed), 1 on their way, or unexplained"))
        ledger.further[0].readerLeft = true
        #expect(!ledger.hasFailed)
    }
}
