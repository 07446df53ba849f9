import Engine
import Fixtures
import Model
import Testing

@Suite struct EngineTests {
    private let who = Who(41, start: 5000)

    private func exits(_ count: UInt64) -> [[UInt8]] { (0..<count).map { Records.exit(who, at: $0) } }

    @Test func withoutACountAllPassForEver() {
        var engine = Engine(filter: EventFilter())
        let batch = Pipeline().batch(exits(100))
        engine.process(batch)
        #expect(batch.events.count == 100)
        #expect(!engine.isDone)
        #expect(engine.filtered.total == 0)
    }

    @Test func exactlyAsManyPassAsWereAskedFor() {
        for count in [1, 7, 10, 11, 30] {
            var engine = Engine(filter: EventFilter(), count: count)
            let pipeline = Pipeline()
            var passed = 0
            for _ in 0..<3 {
                let batch = pipeline.batch(exits(10))
                engine.process(batch)
                passed += batch.events.count
            }
            #expect(passed == count)
            #expect(engine.isDone)
            #expect(engine.filtered[.exit] == UInt64(30 - count))
        }
    }

    @Test func theFirstOnesPassInTheirOrder() {
        var engine = Engine(filter: EventFilter(), count: 3)
        let batch = Pipeline().batch(exits(10))
        engine.process(batch)
        #expect(batch.events.map(\.time) == [0, 1, 2])
    }

    @Test func whatAFilterTakesOutDoesNotCount() {
        var filter = EventFilter()
        filter.kinds = [.exit]
        var engine = Engine(filter: filter, count: 2)
        let batch = Pipeline().batch([Records.open(who, at: 1)] + exits(1) + [Records.open(who, at: 2)] + exits(1))
        engine.process(batch)
        #expect(batch.events.count == 2)
        #expect(engine.isDone)
        #expect(engine.filtered[.open] == 2)
        #expect(engine.filtered[.exit] == 0)
    }

    @Test func fewerThanWereAskedForIsNotDone() {
        var engine = Engine(filter: EventFilter(), count: 11)
        engine.process(Pipeline().batch(exits(10)))
        #expect(!engine.isDone)
    }

    @Test func passedAndFilteredAddUpToWhatCame() {
        var filter = EventFilter()
        filter.pids = [40]
        var engine = Engine(filter: filter, count: 1)
        let batch = Pipeline().batch(Records.ofEachKind())
        let before = batch.events.count
        engine.process(batch)
        #expect(batch.events.count + Int(engine.filtered.total) == before)
    }
}
