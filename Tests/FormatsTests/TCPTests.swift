import CWire
import Fixtures
import Model
import Testing

/// Connections as text: who owns them, who was on the CPU, and nothing that is not known.
@Suite struct TCPTests {
    private let owner = Who(40, start: 4000)
    private let other = Who(50, start: 5000)

    private func event(_ record: [UInt8]) throws -> JSON {
        try #require(try Pipeline().json([record]).first).process_tcp
    }

    @Test func aTransitionTellsStatesAndBothEnds() throws {
        let event = try event(Records.tcp(owner: owner, onCPU: owner, at: 1))
        #expect(event.operation.text == "state")
        #expect(event.old_state.text == "SYN_SENT")
        #expect(event.state.text == "ESTABLISHED")
        #expect(event.family.text == "AF_INET")
        #expect(event["protocol"].text == "IPPROTO_TCP")
        #expect(event.saddr.text == "10.0.0.1")
        #expect(event.sport.number == 40000)
        #expect(event.daddr.text == "10.0.0.2")
        #expect(event.dport.number == 443)
        #expect(event.socket.id.text == "ffff888012345678")
        #expect(event.socket.inode.text == "31337")
        #expect(event.socket.state.text == "SS_CONNECTING")
        #expect(event.netns.number == 4_026_531_840)
        #expect(event.process.tid.number == 40)
        for absent in ["error", "result", "bytes_sent", "marks"] { #expect(event[absent].isAbsent, "\(absent)") }
    }

    @Test func anIPv6AddressIsWrittenShort() throws {
        let event = try event(
            Records.tcp(owner: owner, onCPU: owner, at: 1) {
                $0.body.family = 10
                withUnsafeMutableBytes(of: &$0.body.saddr) {
                    $0.copyBytes(from: [UInt8](repeating: 0, count: 15) + [1])
                }
                withUnsafeMutableBytes(of: &$0.body.daddr) { $0.copyBytes(from: [0x20, 1, 0xd, 0xb8]) }
            }
        )
        #expect(event.saddr.text == "::1")
        // inet_ntop; the rest of daddr is zero
        #expect(event.daddr.text == "2001:db8::")
    }

    @Test func theOwnerIsTheProcessAndWhoRanIsApart() throws {
        let event = try event(Records.tcp(owner: owner, onCPU: other, at: 1))
        #expect(event.process.pid.number == 40)
        #expect(event.process.tid.isAbsent)
        #expect(event.process.euid.isAbsent)
        #expect(event.on_cpu.pid.number == 50)
        #expect(event.on_cpu.comm.text == "curl")
    }

    @Test func withoutAnOwnerThereIsNoProcess() throws {
        let event = try event(Records.tcp(owner: nil, onCPU: other, at: 1))
        #expect(event.process.isAbsent)
        #expect(event.on_cpu.pid.number == 50)
    }

    @Test func whatIsNotKnownIsAbsentAndNotZero() throws {
        let event = try event(
            Records.tcp(owner: owner, onCPU: owner, at: 1, from: 7, to: 10) {
                $0.body.dport = 0
                $0.body.sport = 0
                $0.body.marks = 0
            }
        )
        for absent in ["daddr", "dport", "sport", "socket.inode"] { #expect(event[absent].isAbsent, "\(absent)") }
        #expect(event.socket.keys == ["id"])
    }

    @Test func aBrokenConnectionTellsWhyAndHowMuchWentThrough() throws {
        let event = try event(
            Records.tcp(owner: owner, onCPU: owner, at: 1, from: 1, to: 7) {
                $0.body.error = 104
                $0.body.marks |= UInt32(MT_TCP_HAS_COUNTERS)
                $0.body.bytes_sent = 1 << 60
            }
        )
        #expect(event.error.text == "ECONNRESET")
        #expect(event.bytes_sent.text == "1152921504606846976")
        #expect(event.retransmits.number == 0)
        #expect(event.rtt_us.isAbsent)
    }

    @Test func numbersThatTheKernelNeverGivesAreNotNamed() throws {
        let event = try event(Records.tcp(owner: owner, onCPU: owner, at: 1, from: 99, to: 255) { $0.body.call = 77 })
        #expect(event.state.isAbsent)
    }

    @Test func inCompactFormItIsOneLine() {
        let line = Pipeline().compact([Records.tcp(owner: owner, onCPU: owner, at: 1)])
        #expect(line.first?.hasSuffix("10.0.0.1:40000 → 10.0.0.2:443 SYN_SENT → ESTABLISHED") == true)
    }

    @Test func eventsOfOneOwnerAreOfWhateverItRuns() throws {
        let pipeline = Pipeline()
        let exec = Records.exec(owner, of: Who(1, start: 0), at: 10, binary: "/usr/bin/curl") { $0.header.execs = 7 }
        let events = try pipeline.json([exec, Records.tcp(owner: owner, onCPU: other, at: 20)])
        #expect(events.last?.process_tcp.process.binary.text == "/usr/bin/curl")
    }
}
