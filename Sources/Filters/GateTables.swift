import CWire
import Model
import Probes
import UserInput

/// What is wanted of each kind, on its way into the tables of the kernel's gate.
package struct GateTables {
    private var names: [GateImage.Name: KindSet] = [:]
    private var paths: [BitPrefix: KindSet] = [:]
    private var networks: [BitPrefix: KindSet] = [:]

    package init() {}

    /// Wants events of processes with this name or number.
    package mutating func add(_ subject: mt_gate_subject, _ text: [UInt8], _ kind: EventKind) {
        names[GateImage.Name(subject, text), default: []].insert(kind)
    }

    /// Wants events whose path begins so.
    package mutating func add(path: [UInt8], _ kind: EventKind) {
        let bytes = Array(path.prefix(Int(MT_GATE_TEXT)))
        paths[BitPrefix(bytes: bytes, bits: bytes.count * 8), default: []].insert(kind)
    }

    /// Wants events with one of these ports at this end.
    package mutating func add(_ end: mt_gate_end, ports: ClosedRange<UInt16>, _ kind: EventKind) {
        let range = UInt64(ports.lowerBound)...UInt64(ports.upperBound)
        for prefix in RangePrefixes.of(range, isSigned: false) {
            // Of the 64 bits that it counts the last 16 are a port's.
            let bytes = [UInt8(end.rawValue), UInt8(prefix.value >> 8), UInt8(prefix.value & 0xff)]
            networks[BitPrefix(bytes: bytes, bits: 8 + prefix.bits - 48), default: []].insert(kind)
        }
    }

    /// Wants events with an address of this network; IPv4's also where it stands in IPv6.
    package mutating func add(v4: mt_gate_end, v6: mt_gate_end, _ network: AddressPrefix, _ kind: EventKind) {
        let isLong = network.bytes.count == 16
        let end = UInt8((isLong ? v6 : v4).rawValue)
        networks[BitPrefix(bytes: [end] + network.bytes, bits: 8 + network.length), default: []].insert(kind)
        guard !isLong else { return }
        let mapped = [UInt8](repeating: 0, count: 10) + [0xff, 0xff] + network.bytes
        let prefix = BitPrefix(bytes: [UInt8(v6.rawValue)] + mapped, bits: 8 + 96 + network.length)
        networks[prefix, default: []].insert(kind)
    }

    /// The tables, with nothing kept back yet.
    package var image: GateImage {
        var image = GateImage()
        image.names = names
        for (key, kinds) in paths.closed({ $0.formUnion($1) }) { image.paths[key] = kinds }
        for (key, kinds) in networks.closed({ $0.formUnion($1) }) { image.networks[key] = kinds }
        return image
    }
}
