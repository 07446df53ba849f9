import Model

/// Frames that will never be delivered, and what they had: so that they are counted once, however often a spool is opened.
struct SpoolGaps: Equatable {
    /// One of them, as the state keeps it.
    struct Gap: BitwiseCopyable {
        var begin: UInt64 = 0
        var end: UInt64 = 0
        var counts = KindCounts.Values(repeating: 0)
    }

    /// So many are kept; further ones are taken together with the last.
    static let most = 16
    private(set) var list: [(frames: Range<UInt64>, counts: KindCounts)] = []

    init() {}

    /// Of what the state has; what cannot be is left out.
    init(_ gaps: InlineArray<16, Gap>) {
        for index in gaps.indices where gaps[index].begin < gaps[index].end {
            list.append((gaps[index].begin..<gaps[index].end, KindCounts(gaps[index].counts)))
        }
    }

    /// As the state keeps them.
    var stored: InlineArray<16, Gap> {
        var gaps = InlineArray<16, Gap>(repeating: Gap())
        for (index, gap) in list.enumerated() where index < Self.most {
            gaps[index] = Gap(begin: gap.frames.lowerBound, end: gap.frames.upperBound, counts: gap.counts.values)
        }
        return gaps
    }

    /// What the gaps within some frames had.
    func counts(in frames: Range<UInt64>) -> KindCounts {
        list.reduce(KindCounts()) { sum, gap in
            gap.frames.lowerBound >= frames.lowerBound && gap.frames.upperBound <= frames.upperBound
                ? sum + gap.counts : sum
        }
    }

    /// Notes one behind the others.
    mutating func add(_ frames: Range<UInt64>, _ counts: KindCounts) {
        if let last = list.last, last.frames.upperBound == frames.lowerBound || list.count == Self.most {
            list[list.count - 1] = (
                last.frames.lowerBound..<max(frames.upperBound, last.frames.upperBound), last.counts + counts
            )
        } else {
            list.append((frames, counts))
        }
    }

    /// Notes that nothing of some frames is there, however much of that was known.
    mutating func fill(_ frames: Range<UInt64>, _ counts: KindCounts) {
        let index = list.firstIndex { $0.frames.lowerBound >= frames.lowerBound } ?? list.count
        list.removeAll { frames.contains($0.frames.lowerBound) && $0.frames.upperBound <= frames.upperBound }
        guard list.count < Self.most else { return }
        list.insert((frames, counts), at: min(index, list.count))
    }

    /// Those before a frame are of no interest any more.
    mutating func forget(before frame: UInt64) { list.removeAll { $0.frames.upperBound <= frame } }

    static func == (a: SpoolGaps, b: SpoolGaps) -> Bool {
        a.list.count == b.list.count
            && zip(a.list, b.list).allSatisfy { $0.frames == $1.frames && $0.counts == $1.counts }
    }
}
