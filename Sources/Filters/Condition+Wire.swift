import CWire
import Probes

extension Condition {
    /// How its value is looked up.
    var lookup: mt_lookup {
        switch test {
        case .numbers: MT_LOOKUP_NUMBER
        case .ranges: MT_LOOKUP_RANGE
        case .bits: MT_LOOKUP_BITS
        case .texts: MT_LOOKUP_TEXT
        case .prefixes: MT_LOOKUP_PREFIX
        case .postfixes: MT_LOOKUP_POSTFIX
        case .substrings: MT_LOOKUP_SUBSTRING
        case .addresses: MT_LOOKUP_ADDRESS
        case .workloads: MT_LOOKUP_GROUP
        }
    }

    /// Whether numbers are compared with their sign.
    var isSigned: Bool {
        if case .ranges(_, let isSigned) = test { isSigned } else { false }
    }

    /// Whether large letters are as small ones.
    var ignoresCase: Bool {
        if case .substrings(_, let ignoresCase) = test { ignoresCase } else { false }
    }

    /// The one map that its keys are in; nil where that depends on them, and the program knows which there are.
    var table: HookImage.Table.Kind? {
        switch test {
        case .numbers: .numbers
        case .ranges: .ranges
        case .bits: .bits
        case .prefixes, .postfixes: .affixes
        case .substrings: .substrings
        // Of workloads: see WorkloadPlanes.
        case .texts, .addresses, .workloads: nil
        }
    }

    /// What must be in the maps for it, each with the number of its bits that count; 0 where all do.
    var keys: [PlaneKey] {
        switch test {
        case .numbers(let numbers): numbers.map { PlaneKey(.numbers, withUnsafeBytes(of: $0) { Array($0) }) }
        case .bits(let bits):
            (0..<64).filter { bits >> UInt64($0) & 1 != 0 }.map { bit in
                PlaneKey(.bits, withUnsafeBytes(of: UInt32(bit)) { Array($0) })
            }
        case .ranges(let ranges, let isSigned):
            ranges.flatMap { RangePrefixes.of($0, isSigned: isSigned) }.map { prefix in
                PlaneKey(.ranges, withUnsafeBytes(of: prefix.value.bigEndian) { Array($0) }, bits: prefix.bits)
            }
        case .texts(let texts): texts.map { PlaneKey(text: $0) }
        case .prefixes(let texts): texts.map { PlaneKey(.affixes, $0, bits: 8 * $0.count) }
        case .postfixes(let texts): texts.map { PlaneKey(.affixes, $0.reversed(), bits: 8 * $0.count) }
        case .substrings(let texts, _): texts.map { PlaneKey(.substrings, $0) }
        case .addresses(let prefixes):
            prefixes.map {
                PlaneKey($0.bytes.count == 4 ? .addresses4 : .addresses6, $0.bytes, bits: $0.length)
            }
        case .workloads: []
        }
    }
}

/// One key of a plane's map.
struct PlaneKey {
    let table: HookImage.Table.Kind
    let bytes: [UInt8]
    /// Of a longest prefix: how many of its bits count.
    let bits: Int

    init(_ table: HookImage.Table.Kind, _ bytes: [UInt8], bits: Int = 0) {
        self.table = table
        self.bytes = bytes
        self.bits = bits
    }

    /// A whole text: its length, then itself, then zeroes.
    init(text: [UInt8]) {
        let capacities = HookImage.Table.Kind.textCapacities
        let size = capacities.firstIndex { text.count <= $0 } ?? capacities.count - 1
        table = .texts(size)
        bits = 0
        bytes =
            withUnsafeBytes(of: UInt64(text.count)) { Array($0) } + text
            + [UInt8](repeating: 0, count: max(0, capacities[size] - text.count))
    }
}
