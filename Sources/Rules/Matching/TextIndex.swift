/// Which of many rules a text may concern: in one pass forwards for whole texts and beginnings, one backwards for ends, and
/// one for what stands within.
struct TextIndex: Sendable {
    /// What is noted before the index is made.
    struct Notes {
        var exact: [[UInt8]: [Int32]] = [:]
        var prefixes: [[UInt8]: [Int32]] = [:]
        var suffixes: [[UInt8]: [Int32]] = [:]
        var parts: [[UInt8]: [Int32]] = [:]
    }

    private let exact: ByteTable
    private let exactLengths: Set<Int>
    private let prefixes: ByteTable
    private let suffixes: ByteTable
    /// In ascending order.
    private let prefixLengths: [Int]
    private let suffixLengths: [Int]
    private let parts: SubstringSearch

    init(_ notes: Notes) {
        exact = ByteTable(notes.exact)
        exactLengths = Set(notes.exact.keys.map(\.count))
        prefixes = ByteTable(notes.prefixes)
        prefixLengths = Set(notes.prefixes.keys.map(\.count)).sorted()
        // From the end forwards.
        suffixes = ByteTable(Dictionary(notes.suffixes.map { (Array($0.reversed()), $1) }) { first, _ in first })
        suffixLengths = Set(notes.suffixes.keys.map(\.count)).sorted()
        parts = SubstringSearch(notes.parts)
    }

    /// Calls `body` for each rule whose text, beginning, end or part `text` has; perhaps more than once.
    func find(_ text: UnsafeRawBufferPointer, _ body: (Int32) -> Void) {
        let isExact = exactLengths.contains(text.count)
        if isExact || !prefixLengths.isEmpty { findForwards(text, isExact, body) }
        if !suffixLengths.isEmpty { findBackwards(text, body) }
        if !parts.isEmpty { parts.find(in: text, body) }
    }

    private func findForwards(_ text: UnsafeRawBufferPointer, _ isExact: Bool, _ body: (Int32) -> Void) {
        var hash = ByteTable.emptyHash
        var position = 0
        for length in prefixLengths {
            guard length <= text.count else { break }
            while position < length {
                hash = ByteTable.hash(hash, text[position])
                position += 1
            }
            prefixes.find(hash, count: length, { text[$0] }, body)
        }
        guard isExact else { return }
        while position < text.count {
            hash = ByteTable.hash(hash, text[position])
            position += 1
        }
        exact.find(hash, count: text.count, { text[$0] }, body)
    }

    private func findBackwards(_ text: UnsafeRawBufferPointer, _ body: (Int32) -> Void) {
        let last = text.count - 1
        var hash = ByteTable.emptyHash
        var position = 0
        for length in suffixLengths {
            guard length <= text.count else { break }
            while position < length {
                hash = ByteTable.hash(hash, text[last - position])
                position += 1
            }
            suffixes.find(hash, count: length, { text[last - $0] }, body)
        }
    }
}
