/// How many events were lost so far, by kind and reason.
package struct LossTotals: Sendable, Equatable {
    /// Nil stands for events whose kind is not known.
    private struct Key: Hashable {
        let kind: EventKind?
        let reason: DropReason
    }

    private var counts: [Key: UInt64] = [:]

    package init() {}

    package subscript(kind: EventKind?, reason: DropReason) -> UInt64 {
        get { counts[Key(kind: kind, reason: reason)] ?? 0 }
        set { counts[Key(kind: kind, reason: reason)] = newValue == 0 ? nil : newValue }
    }

    /// All of them.
    package var total: UInt64 { counts.values.reduce(0, +) }

    /// Those of one kind.
    package func total(_ kind: EventKind?) -> UInt64 {
        DropReason.allCases.reduce(0) { $0 + self[kind, $1] }
    }

    /// Those for one reason.
    package func total(_ reason: DropReason) -> UInt64 {
        EventKind.allCases.reduce(self[nil, reason]) { $0 + self[$1, reason] }
    }

    /// What has been added since `earlier`, in a fixed order.
    package func growth(since earlier: LossTotals) -> [(kind: EventKind?, reason: DropReason, count: UInt64)] {
        var list: [(kind: EventKind?, reason: DropReason, count: UInt64)] = []
        for kind in [nil] + EventKind.allCases.map(Optional.some) {
            for reason in DropReason.allCases where self[kind, reason] > earlier[kind, reason] {
                list.append((kind, reason, self[kind, reason] - earlier[kind, reason]))
            }
        }
        return list
    }
}
