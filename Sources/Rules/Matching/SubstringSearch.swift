/// Finds any of many texts within one, in one pass (Aho and Corasick, 1975).
package struct SubstringSearch: Sendable {
    /// The class of each byte: those that stand in no text are 0, and lead back to the beginning.
    private var classes = [UInt8](repeating: 0, count: 256)
    private var classCount = 1
    /// Where each state goes with each class of bytes.
    private var next: [Int32] = []
    /// The postings of each state, and those of the states that it stands for as well.
    private var ends: [Range<Int32>] = []
    private var postings: [Int32] = []
    /// The nearest state with postings that ends where this one does; 0: none.
    private var suffixes: [Int32] = []

    /// - Parameter texts: with what to report; none of them is empty.
    package init(_ texts: [[UInt8]: [Int32]]) {
        for text in texts.keys {
            for byte in text where classes[Int(byte)] == 0 {
                // 255 classes at most: the last two kinds of bytes would share one only if all 256 stood in texts.
                guard classCount < 256 else { break }
                classes[Int(byte)] = UInt8(classCount)
                classCount += 1
            }
        }
        let own = grow(texts)
        close(own)
    }

    var isEmpty: Bool { ends.count <= 1 }

    private mutating func grow(_ texts: [[UInt8]: [Int32]]) -> [[Int32]] {
        var own: [[Int32]] = [[]]
        next = Array(repeating: -1, count: classCount)
        for (text, list) in texts {
            var state = 0
            for byte in text {
                let place = state * classCount + Int(classes[Int(byte)])
                if next[place] < 0 {
                    next[place] = Int32(own.count)
                    own.append([])
                    next += repeatElement(-1, count: classCount)
                }
                state = Int(next[place])
            }
            own[state] += list
        }
        return own
    }

    /// Breadth first, so that what is fallen back to is finished already.
    private mutating func close(_ own: [[Int32]]) {
        var fallback = [Int32](repeating: 0, count: own.count)
        suffixes = Array(repeating: 0, count: own.count)
        ends = Array(repeating: 0..<0, count: own.count)
        for state in own.indices {
            ends[state] = Int32(postings.count)..<Int32(postings.count + own[state].count)
            postings += own[state]
        }
        var waiting: [Int32] = []
        for place in 0..<classCount {
            if next[place] < 0 { next[place] = 0 } else { waiting.append(next[place]) }
        }
        var position = 0
        while position < waiting.count {
            let state = Int(waiting[position])
            position += 1
            let back = Int(fallback[state])
            suffixes[state] = ends[back].isEmpty ? suffixes[back] : Int32(back)
            for letter in 0..<classCount {
                let place = state * classCount + letter
                if next[place] < 0 {
                    next[place] = next[back * classCount + letter]
                } else {
                    fallback[Int(next[place])] = next[back * classCount + letter]
                    waiting.append(next[place])
                }
            }
        }
    }

    /// Calls `body` for each text that stands in `text`, once for each place.
    package func find(in text: UnsafeRawBufferPointer, _ body: (Int32) -> Void) {
        classes.withUnsafeBufferPointer { classes in
            next.withUnsafeBufferPointer { next in
                var state = 0
                for byte in text {
                    state = Int(next[state * classCount + Int(classes[Int(byte)])])
                    if state != 0 { report(state, body) }
                }
            }
        }
    }

    @inline(__always)
    private func report(_ state: Int, _ body: (Int32) -> Void) {
        var state = state
        if ends[state].isEmpty { state = Int(suffixes[state]) }
        while state != 0 {
            for posting in ends[state] { body(postings[Int(posting)]) }
            state = Int(suffixes[state])
        }
    }
}
