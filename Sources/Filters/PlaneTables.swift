import CWire
import Probes

/// The maps of one plane, as they grow: each key leads to the rows that ask for it.
struct PlaneTables {
    private struct Key: Hashable {
        let bytes: [UInt8]
        let bits: Int
    }

    private let words: Int
    private var tables: [HookImage.Table.Kind: [Key: [UInt64]]] = [:]

    init(words: Int) { self.words = words }

    mutating func add(_ keys: [PlaneKey], row: Int) {
        for key in keys {
            let place = Key(bytes: key.bytes, bits: key.bits)
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

    /// The kernel finds the longest prefix alone: so each one has the rows of those that it begins with, too.
    private static func closed(_ keys: [Key: [UInt64]], capacity: Int) -> [(key: [UInt8], rows: [UInt64])] {
        let sorted = keys.sorted { left, right in
            left.key.bytes == right.key.bytes
                ? left.key.bits < right.key.bits : left.key.bytes.lexicographicallyPrecedes(right.key.bytes)
        }
        var above: [(key: Key, rows: [UInt64])] = []
        return sorted.map { key, own in
            while let last = above.last, !begins(key, with: last.key) { above.removeLast() }
            var rows = own
            if let last = above.last { for word in rows.indices { rows[word] |= last.rows[word] } }
            above.append((key, rows))
            let bits = withUnsafeBytes(of: UInt32(key.bits)) { Array($0) }
            let padding = [UInt8](repeating: 0, count: capacity - key.bytes.count)
            return (key: bits + key.bytes + padding, rows: rows)
        }
    }

    private static func begins(_ key: Key, with prefix: Key) -> Bool {
        guard prefix.bits <= key.bits else { return false }
        let whole = prefix.bits / 8
        guard key.bytes.prefix(whole).elementsEqual(prefix.bytes.prefix(whole)) else { return false }
        let rest = prefix.bits % 8
        return rest == 0 || (key.bytes[whole] ^ prefix.bytes[whole]) >> UInt8(8 - rest) == 0
    }
}
