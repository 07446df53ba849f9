import Model

/// What waits for one client, in order, with the gaps where there was no room.
package struct FeedQueue {
    /// What is sent next.
    package enum Piece: Sendable {
        /// Whole lines, and the events in them.
        case lines([UInt8], KindCounts)
        /// Here so many are missing.
        case dropped(KindCounts)
    }

    /// Small pieces become one up to here: a client that is behind is sent few messages.
    private static let piece = 128 << 10

    // From `first` on; what lies before was taken.
    private var pieces: [Piece] = []
    private var first = 0
    /// What was dropped behind the last piece.
    private var gap = KindCounts()
    /// Events and bytes that wait.
    package private(set) var events = 0
    package private(set) var bytes = 0
    package private(set) var sent = KindCounts()
    package private(set) var dropped = KindCounts()

    package init() {}

    package var isEmpty: Bool { first == pieces.count }

    package mutating func append(_ lines: UnsafeRawBufferPointer, _ counts: KindCounts) {
        events += Int(counts.total)
        bytes += lines.count
        if gap.total > 0 {
            pieces.append(.dropped(gap))
            gap = KindCounts()
        } else if !isEmpty, case .lines(var last, var all) = pieces[pieces.count - 1],
            last.count + lines.count <= Self.piece
        {
            // Out of the array, so that it is not copied.
            pieces.removeLast()
            last += lines
            all += counts
            return pieces.append(.lines(last, all))
        }
        pieces.append(.lines([UInt8](lines), counts))
    }

    /// There was no room for these.
    package mutating func drop(_ counts: KindCounts) {
        gap += counts
        dropped += counts
    }

    /// The oldest piece; a gap at the end is told when nothing else waits. Nil: nothing waits.
    package mutating func take() -> Piece? {
        guard !isEmpty else {
            guard gap.total > 0 else { return nil }
            defer { gap = KindCounts() }
            return .dropped(gap)
        }
        let piece = pieces[first]
        pieces[first] = .dropped(KindCounts())
        first += 1
        if isEmpty || first > 1024 {
            pieces.removeFirst(first)
            first = 0
        }
        if case .lines(let lines, let counts) = piece {
            sent += counts
            events -= Int(counts.total)
            bytes -= lines.count
        }
        return piece
    }
}
