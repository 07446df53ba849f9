import Model

/// The rows of paths that were written lately, by their bytes.
struct PathRows {
    private struct Entry {
        let bytes: Bytes
        let row: Int64
    }

    private var entries: [UInt64: Entry] = [:]
    /// Beyond so many all are forgotten, and found in their table again.
    private static let limit = 1 << 16

    /// FNV-1a by words: paths are short, and what the table says is compared anyway.
    static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        var position = 0
        while position + 8 <= bytes.count {
            hash = (hash ^ bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)) &* 0x9e37_79b9_7f4a_7c15
            hash ^= hash >> 32
            position += 8
        }
        while position < bytes.count {
            hash = (hash ^ UInt64(bytes[position])) &* 0x100_0000_01b3
            position += 1
        }
        return hash
    }

    func row(_ path: UnsafeRawBufferPointer, hash: UInt64) -> Int64? {
        guard let entry = entries[hash], entry.bytes.buffer.elementsEqual(path) else { return nil }
        return entry.row
    }

    mutating func insert(_ path: UnsafeRawBufferPointer, hash: UInt64, row: Int64) {
        if entries.count >= Self.limit { entries.removeAll(keepingCapacity: true) }
        entries[hash] = Entry(bytes: Bytes(path), row: row)
    }

    mutating func remove(_ rows: Set<Int64>) { entries = entries.filter { !rows.contains($0.value.row) } }

    mutating func removeAll() { entries.removeAll() }
}
