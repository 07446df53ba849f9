/// From bytes to what was noted for them; looked up by a hash that grows byte by byte.
struct ByteTable: Sendable {
    /// FNV-1a of 64 bits: one step for each byte, so that all beginnings of a text are hashed in one pass.
    static let emptyHash: UInt64 = 0xcbf2_9ce4_8422_2325

    @inline(__always)
    static func hash(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x0100_0000_01b3 }

    private struct Slot: Sendable {
        var hash: UInt64 = 0
        var key = 0..<0
        /// Empty: the slot is free.
        var postings = 0..<0
    }

    private var slots: [Slot]
    private var keys: [UInt8] = []
    private var postings: [Int32] = []
    private let mask: Int

    init(_ entries: [[UInt8]: [Int32]]) {
        var capacity = 16
        while capacity < 2 * entries.count { capacity *= 2 }
        mask = capacity - 1
        slots = Array(repeating: Slot(), count: capacity)
        for (key, list) in entries where !list.isEmpty {
            let hash = key.reduce(Self.emptyHash, Self.hash)
            var index = Int(truncatingIfNeeded: hash ^ hash >> 32) & mask
            while !slots[index].postings.isEmpty { index = (index + 1) & mask }
            slots[index] = Slot(
                hash: hash,
                key: keys.count..<keys.count + key.count,
                postings: postings.count..<postings.count + list.count
            )
            keys += key
            postings += list
        }
    }

    /// Calls `body` with what was noted for a key.
    ///
    /// - Parameters:
    ///   - hash: the key's.
    ///   - key: its bytes by their number.
    @inline(__always)
    func find(_ hash: UInt64, count: Int, _ key: (Int) -> UInt8, _ body: (Int32) -> Void) {
        var index = Int(truncatingIfNeeded: hash ^ hash >> 32) & mask
        while true {
            let slot = slots[index]
            if slot.postings.isEmpty { return }
            if slot.hash == hash, slot.key.count == count,
                slot.key.enumerated().allSatisfy({ keys[$0.element] == key($0.offset) })
            {
                for posting in slot.postings { body(postings[posting]) }
                return
            }
            index = (index + 1) & mask
        }
    }
}
