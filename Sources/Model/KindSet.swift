/// A set of kinds, asked for every event: one bit each.
package struct KindSet: Sendable, Equatable, ExpressibleByArrayLiteral {
    private var bits: UInt32 = 0

    package init(arrayLiteral kinds: EventKind...) { self.init(kinds) }

    package init(_ kinds: some Sequence<EventKind>) {
        for kind in kinds { insert(kind) }
    }

    @inline(__always)
    package func contains(_ kind: EventKind) -> Bool { bits & 1 << UInt32(kind.rawValue) != 0 }

    /// A bit for each kind, by its number, as the kernel has it.
    package var mask: UInt32 { bits }

    /// Those that are in both.
    package func intersection(_ other: KindSet) -> KindSet {
        var set = self
        set.bits &= other.bits
        return set
    }

    package mutating func formUnion(_ other: KindSet) { bits |= other.bits }

    package mutating func insert(_ kind: EventKind) { bits |= 1 << UInt32(kind.rawValue) }
}
