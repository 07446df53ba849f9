/// Finds any of several patterns in one pass over a text, a byte at a time (Aho and Corasick, 1975).
struct SubstringAutomaton {
    private struct State {
        /// By byte; missing: back to the beginning.
        var next: [UInt8: Int] = [:]
        /// The rows whose patterns end here.
        var rows: [UInt64]
        /// Where the longest end of what was read leads that is a beginning, too.
        var fallback = 0
    }

    private var states: [State]

    /// - Parameter patterns: each with the rows that ask for it; an empty one is found nowhere.
    init(_ patterns: [(text: [UInt8], rows: [UInt64])]) {
        let none = [UInt64](repeating: 0, count: patterns.first?.rows.count ?? 1)
        states = [State(rows: none)]
        for pattern in patterns where !pattern.text.isEmpty {
            var state = 0
            for byte in pattern.text {
                if let next = states[state].next[byte] {
                    state = next
                } else {
                    states.append(State(rows: none))
                    states[state].next[byte] = states.count - 1
                    state = states.count - 1
                }
            }
            for word in none.indices { states[state].rows[word] |= pattern.rows[word] }
        }
        close()
    }

    /// Breadth first, so that what is fallen back to is finished already: it lends its rows and the ways it knows.
    private mutating func close() {
        var waiting = Array(states[0].next.values)
        var position = 0
        while position < waiting.count {
            let state = waiting[position]
            position += 1
            let fallback = states[state].fallback
            for word in states[state].rows.indices { states[state].rows[word] |= states[fallback].rows[word] }
            for (byte, next) in states[state].next {
                states[next].fallback = states[fallback].next[byte] ?? 0
                waiting.append(next)
            }
            states[state].next.merge(states[fallback].next) { own, _ in own }
        }
    }

    /// State and byte, and what comes of them: the next state, then the rows.
    func entries(_ words: Int) -> [(key: [UInt8], rows: [UInt64])] {
        states.indices.flatMap { state in
            states[state].next.map { byte, next in
                let key = UInt32(state) << 8 | UInt32(byte)
                return (key: withUnsafeBytes(of: key) { Array($0) }, rows: [UInt64(next)] + states[next].rows)
            }
        }
    }
}
