import CWire
import Filters
import Model
import Probes
import Testing
import UserInput

/// The tables of the kernel's gate, looked up as the kernel does: the longest prefix alone.
@Suite struct GateTests {
    private func kinds(_ table: [BitPrefix: KindSet], _ key: [UInt8]) -> KindSet {
        func isSame(_ bit: Int, _ prefix: BitPrefix) -> Bool {
            let difference = prefix.bytes[bit / 8] ^ key[bit / 8]
            return difference & (0x80 >> UInt8(bit % 8)) == 0
        }
        let fitting = table.filter { prefix, _ in
            prefix.bits <= key.count * 8 && (0..<prefix.bits).allSatisfy { isSame($0, prefix) }
        }
        return fitting.max { $0.key.bits < $1.key.bits }?.value ?? []
    }

    private func paths(_ tables: GateTables, _ path: String) -> KindSet { kinds(tables.image.paths, Array(path.utf8)) }

    private func port(_ tables: GateTables, _ end: mt_gate_end, _ port: UInt16) -> KindSet {
        kinds(tables.image.networks, [UInt8(end.rawValue), UInt8(port >> 8), UInt8(port & 0xff)])
    }

    @Test func `A path has the kinds of each of its beginnings`() {
        var tables = GateTables()
        tables.add(path: Array("/etc/".utf8), .open)
        tables.add(path: Array("/etc/ssh/".utf8), .breakout)
        tables.add(path: Array("/etc/ssh/sshd_config".utf8), .execFailed)
        #expect(paths(tables, "/etc/passwd") == [.open])
        #expect(paths(tables, "/etc/ssh/ssh_config") == [.open, .breakout])
        #expect(paths(tables, "/etc/ssh/sshd_config.d") == [.open, .breakout, .execFailed])
        #expect(paths(tables, "/etc") == [])
        #expect(paths(tables, "/usr/bin/etc/") == [])
    }

    @Test func `A beginning that is longer than the kernel's keys keeps back less, and never more`() {
        let long = "/" + String(repeating: "a", count: 300)
        var tables = GateTables()
        tables.add(path: Array((long + "/x").utf8), .open)
        #expect(tables.image.paths.keys.allSatisfy { $0.bytes.count <= Int(MT_GATE_TEXT) })
        #expect(paths(tables, String(long.prefix(Int(MT_GATE_TEXT)))) == [.open])
    }

    @Test(arguments: [0...0, 0...65535, 1...1023, 443...443, 65535...65535, 1024...49151] as [ClosedRange<UInt16>])
    func `Of a range of ports all are wanted, and no others`(ports: ClosedRange<UInt16>) {
        var tables = GateTables()
        tables.add(MT_GATE_DPORT, ports: ports, .tcp)
        for number in (0...65535).filter({ $0 % 61 == 0 }) + [0, 1, 442, 443, 444, 1023, 1024, 49151, 49152, 65535] {
            let number = UInt16(number)
            #expect(port(tables, MT_GATE_DPORT, number).contains(.tcp) == ports.contains(number), "\(number)")
            #expect(port(tables, MT_GATE_SPORT, number) == [])
        }
    }

    @Test func `A network of IPv4 is wanted as such, and where it stands in IPv6`() throws {
        var tables = GateTables()
        tables.add(v4: MT_GATE_SADDR4, v6: MT_GATE_SADDR6, try #require(AddressPrefix("10.1.0.0/16")), .tcpDrop)
        tables.add(v4: MT_GATE_SADDR4, v6: MT_GATE_SADDR6, try #require(AddressPrefix("fe80::/10")), .tcp)
        let four = UInt8(MT_GATE_SADDR4.rawValue), six = UInt8(MT_GATE_SADDR6.rawValue)
        #expect(kinds(tables.image.networks, [four, 10, 1, 2, 3]) == [.tcpDrop])
        #expect(kinds(tables.image.networks, [four, 10, 2, 2, 3]) == [])
        let mapped = [UInt8](repeating: 0, count: 10) + [0xff, 0xff]
        #expect(kinds(tables.image.networks, [six] + mapped + [10, 1, 2, 3]) == [.tcpDrop])
        #expect(kinds(tables.image.networks, [six, 0xfe, 0x80] + [UInt8](repeating: 1, count: 14)) == [.tcp])
        #expect(kinds(tables.image.networks, [six, 0xff, 0x80] + [UInt8](repeating: 1, count: 14)) == [])
    }
}
