import CWire
import Fixtures
import Formats
import Model
import Testing

/// Dropped packets as text: what their headers said, whose socket it was, and nothing that is not known.
@Suite struct TCPDropTests {
    private let owner = Who(40, start: 4000)
    private let other = Who(50, start: 5000)

    private func event(_ record: [UInt8]) throws -> JSON {
        try #require(try Pipeline().json([record]).first).process_tcp_drop
    }

    @Test func aPacketTellsItsHeaderAndWhyItWasDropped() throws {
        let event = try event(Records.tcpDrop(owner: owner, onCPU: other, at: 1) { $0.body.payload = 97 })
        #expect(event.reason.text == "NO_SOCKET")
        #expect(event.reason_number.number == 3)
        #expect(event.family.text == "AF_INET")
        #expect(event.saddr.text == "10.0.0.1")
        #expect(event.sport.number == 40000)
        #expect(event.daddr.text == "10.0.0.2")
        #expect(event.dport.number == 443)
        #expect(event.flags.text == "SYN")
        #expect(event.seq.number == 0xdead_beef)
        #expect(event.payload.number == 97)
        #expect(event.state.text == "ESTABLISHED")
        #expect(event.socket.id.text == "ffff888012345678")
        #expect(event.netns.number == 4_026_531_840)
        #expect(event.process.pid.number == 40)
        #expect(event.process.tid.isAbsent)
        #expect(event.on_cpu.pid.number == 50)
        #expect(event.on_cpu.comm.text == "curl")
        #expect(event.marks.isAbsent)
    }

    @Test func withoutASocketThereIsNoProcess() throws {
        let event = try event(Records.tcpDrop(owner: nil, onCPU: other, at: 1))
        for absent in ["process", "state", "socket"] { #expect(event[absent].isAbsent, "\(absent)") }
        #expect(event.on_cpu.pid.number == 50)
    }

    @Test func aKernelWithoutReasonsGivesNone() throws {
        let event = try event(Records.tcpDrop(owner: nil, onCPU: other, at: 1, reason: nil))
        #expect(event.reason.isAbsent && event.reason_number.isAbsent)
    }

    @Test func whatIsNoTCPHeaderIsNotTold() throws {
        let event = try event(
            Records.tcpDrop(owner: nil, onCPU: other, at: 1) { $0.body.marks = UInt32(MT_TCP_DROP_NO_HEADER) }
        )
        #expect(event.marks.texts == ["no_header"])
        #expect(event.daddr.text == "10.0.0.2")
        for absent in ["sport", "dport", "flags", "seq", "payload"] { #expect(event[absent].isAbsent, "\(absent)") }
    }

    @Test func anIPv6PacketHasLongAddressesAndAllFlags() throws {
        let event = try event(
            Records.tcpDrop(owner: nil, onCPU: other, at: 1) {
                $0.body.family = 10
                $0.body.flags = 0xff
                withUnsafeMutableBytes(of: &$0.body.saddr) {
                    $0.copyBytes(from: [UInt8](repeating: 0, count: 15) + [1])
                }
                withUnsafeMutableBytes(of: &$0.body.daddr) { $0.copyBytes(from: [0x20, 1, 0xd, 0xb8]) }
            }
        )
        #expect(event.family.text == "AF_INET6")
        #expect(event.saddr.text == "::1")
        #expect(event.daddr.text == "2001:db8::a00:2" || event.daddr.text == "2001:db8::")
        #expect(
            event.flags.text == "CWR|ECE|URG|ACK|PSH|RST|SYN|FIN"
                || event.flags.text == "FIN|SYN|RST|PSH|ACK|URG|ECE|CWR"
        )
    }

    @Test func theLineForPeopleHasBothEndsFlagsStateAndReason() {
        let line = Pipeline().compact([Records.tcpDrop(owner: owner, onCPU: other, at: 1)]).joined()
        #expect(line.contains("tcp-drop"))
        #expect(line.contains("10.0.0.1:40000 → 10.0.0.2:443 SYN ESTABLISHED NO_SOCKET"))
    }
}
