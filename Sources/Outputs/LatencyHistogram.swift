/// How long events took, in classes that double: from 2^15 ns (33 µs) to 2^36 ns (69 s).
package struct LatencyHistogram: Sendable, Equatable {
    /// The lowest class holds all that took less than 2^`first` ns.
    package static let first = 15
    package static let classes = 22

    /// How many events were in each class; the last holds all that took longer.
    package private(set) var counts = InlineArray<22, UInt64>(repeating: 0)
    /// What all of them took together, ns.
    package private(set) var sum: UInt64 = 0

    package init() {}

    /// Counts one event.
    package mutating func add(nanoseconds: UInt64) {
        let bits = UInt64.bitWidth - nanoseconds.leadingZeroBitCount
        counts[min(max(bits - Self.first, 0), Self.classes - 1)] += 1
        sum &+= nanoseconds
    }

    /// Adds what another one counted.
    package static func += (a: inout LatencyHistogram, b: LatencyHistogram) {
        for index in b.counts.indices { a.counts[index] &+= b.counts[index] }
        a.sum &+= b.sum
    }

    /// How many events were counted.
    package var count: UInt64 { counts.indices.reduce(0) { $0 + counts[$1] } }

    /// The upper bound of a class in ns; nil: the last has none.
    package static func bound(_ index: Int) -> UInt64? { index == classes - 1 ? nil : 1 << (first + index) }

    package static func == (a: LatencyHistogram, b: LatencyHistogram) -> Bool {
        a.sum == b.sum && a.counts.indices.allSatisfy { a.counts[$0] == b.counts[$0] }
    }
}
