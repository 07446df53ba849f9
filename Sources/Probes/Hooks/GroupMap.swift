import BPF

/// The control groups that one plane of conditions looks for, changed while the hook's program runs.
final class GroupMap {
    private let map: BPFNewMap

    /// More containers than one machine has.
    private static let capacity = 65_536

    init(_ table: HookImage.Table, words: Int) throws(BPFError) {
        map = try BPFNewMap(.lazyHash, name: "groups", key: 8, value: 8 * words, count: Self.capacity)
        for entry in table.entries {
            try map.reference.set(key: entry.key, value: entry.rows.withUnsafeBytes { Array($0) })
        }
    }

    var reference: BPFMapReference { map.reference }

    /// Has a group lead to these rows; nil: to none.
    func set(_ group: UInt64, _ rows: [UInt64]?) throws(BPFError) {
        let key = withUnsafeBytes(of: group) { Array($0) }
        if let rows {
            try map.reference.set(key: key, value: rows.withUnsafeBytes { Array($0) })
        } else {
            try map.reference.remove(key: key)
        }
    }
}
