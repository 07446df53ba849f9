import Model
import Testing

@Suite struct CountsTests {
    @Test func kindsAreCountedApart() {
        var counts = KindCounts()
        for kind in EventKind.allCases { counts[kind] += UInt64(kind.rawValue) }
        for kind in EventKind.allCases { #expect(counts[kind] == UInt64(kind.rawValue)) }
        let sum = EventKind.allCases.reduce(UInt64(0)) { $0 + UInt64($1.rawValue) }
        #expect(counts.total == sum)
        var twice = counts
        twice += counts
        #expect(twice.total == 2 * sum)
        #expect(twice != counts)
    }

    @Test func lossesAddUpByKindAndByReason() {
        var losses = LossTotals()
        losses[.open, .ringFull] = 3
        losses[.open, .decode] = 4
        losses[.exec, .ringFull] = 5
        losses[nil, .ringFull] = 6
        #expect(losses.total == 18)
        #expect(losses.total(EventKind.open) == 7)
        #expect(losses.total(EventKind?.none) == 6)
        #expect(losses.total(DropReason.ringFull) == 14)
    }

    @Test func growthIsWhatWasAddedInAFixedOrder() {
        var before = LossTotals()
        before[.open, .ringFull] = 3
        before[.exit, .decode] = 1
        var after = before
        after[.open, .ringFull] += 2
        after[.fork, .mapFull] += 1
        after[nil, .reentered] += 7
        let growth = after.growth(since: before)
        #expect(growth.map(\.kind) == [nil, .fork, .open])
        #expect(growth.map(\.reason) == [.reentered, .mapFull, .ringFull])
        #expect(growth.map(\.count) == [7, 1, 2])
        #expect(after.growth(since: after).isEmpty)
    }

    @Test func namesOfKindsAndReasonsAreDistinct() {
        #expect(Set(EventKind.allCases.map { "\($0.name)" }).count == EventKind.allCases.count)
        #expect(Set(EventKind.allCases.map { "\($0.jsonName)" }).count == EventKind.allCases.count)
        #expect(Set(DropReason.allCases.map { "\($0.name)" }).count == DropReason.allCases.count)
    }
}
