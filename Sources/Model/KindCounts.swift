/// A number for each kind of event.
package struct KindCounts: Sendable, Equatable {
    /// By the kinds' raw values, with room for kinds to come: spools keep it as it is.
    package typealias Values = InlineArray<32, UInt64>

    /// How many kinds there is room for.
    package static let room = 32

    private var counts = Values(repeating: 0)

    package init() {}

    /// A number for each kind, by its raw value.
    package init(_ counts: Values) { self.counts = counts }

    /// The numbers by the kinds' raw values.
    package var values: Values { counts }

    package subscript(kind: EventKind) -> UInt64 {
        get { counts[Int(kind.rawValue)] }
        set { counts[Int(kind.rawValue)] = newValue }
    }

    /// The sum over all kinds.
    package var total: UInt64 { EventKind.allCases.reduce(0) { $0 &+ self[$1] } }

    package static func == (a: KindCounts, b: KindCounts) -> Bool { EventKind.allCases.allSatisfy { a[$0] == b[$0] } }

    package static func += (a: inout KindCounts, b: KindCounts) {
        for kind in EventKind.allCases { a[kind] &+= b[kind] }
    }

    package static func + (a: KindCounts, b: KindCounts) -> KindCounts {
        var sum = a
        sum += b
        return sum
    }

    /// Of each kind the larger number.
    package func maximum(_ other: KindCounts) -> KindCounts {
        var largest = self
        for kind in EventKind.allCases { largest[kind] = max(self[kind], other[kind]) }
        return largest
    }

    /// By how much `a` is more, of each kind; 0 where it is not.
    package static func - (a: KindCounts, b: KindCounts) -> KindCounts {
        var difference = KindCounts()
        for kind in EventKind.allCases where a[kind] > b[kind] { difference[kind] = a[kind] - b[kind] }
        return difference
    }
}
