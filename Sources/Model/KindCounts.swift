/// A number for each kind of event.
package struct KindCounts: Sendable, Equatable {
    private var counts = InlineArray<16, UInt64>(repeating: 0)

    package init() {}

    package subscript(kind: EventKind) -> UInt64 {
        get { counts[Int(kind.rawValue)] }
        set { counts[Int(kind.rawValue)] = newValue }
    }

    /// The sum over all kinds.
    package var total: UInt64 { EventKind.allCases.reduce(0) { $0 + self[$1] } }

    package static func == (a: KindCounts, b: KindCounts) -> Bool { EventKind.allCases.allSatisfy { a[$0] == b[$0] } }

    package static func += (a: inout KindCounts, b: KindCounts) {
        for kind in EventKind.allCases { a[kind] += b[kind] }
    }
}
