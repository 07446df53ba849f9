import CWire
import Probes

/// The maps of one plane, as they grow: each key leads to the rows that ask for it.
struct PlaneTables {
    private let words: Int
    private var tables: [HookImage.Table.Kind: [BitPrefix: [UInt64]]] = [:]

    init(words: Int) { self.words = words }

    mutating func add(_ keys: [PlaneKey], row: Int) {
        for key in keys {
            let place = BitPrefix(bytes: key.bytes, bits: key.bits)
            tables[key.table, default: [:]][place, default: [UInt64](repeating: 0, count: words)][row >> 6] |=
                1 << UInt64(row & 63)
        }
    }

    func made(plane: Int) -> [HookImage.Table] {
        tables.map { kind, keys in
            let entries: [(key: [UInt8], rows: [UInt64])]
            switch kind {
            case .numbers, .bits, .texts, .groups: entries = keys.map { (key: $0.key.bytes, rows: $0.value) }
            case .substrings: entries = SubstringAutomaton(keys.map { ($0.key.bytes, $0.value) }).entries(words)
            case .ranges: entries = Self.closed(keys, capacity: 8)
            case .affixes: entries = Self.closed(keys, capacity: Int(MT_AFFIX_MAX))
            case .addresses4: entries = Self.closed(keys, capacity: 4)
            case .addresses6: entries = Self.closed(keys, capacity: 16)
            }
            return HookImage.Table(plane: plane, kind: kind, entries: entries)
        }
    }

    private static func closed(_ keys: [BitPrefix: [UInt64]], capacity: Int) -> [(key: [UInt8], rows: [UInt64])] {
        let entries = keys.closed { rows, above in for word in rows.indices { rows[word] |= above[word] } }
        return entries.map { key, rows in
            let bits = withUnsafeBytes(of: UInt32(key.bits)) { Array($0) }
            let padding = [UInt8](repeating: 0, count: capacity - key.bytes.count)
            return (key: bits + key.bytes + padding, rows: rows)
        }
    }
}
