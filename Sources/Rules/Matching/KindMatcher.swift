import Formats
import Model

/// The rules for one kind of event, found by what is in its fields rather than one after the other.
struct KindMatcher: Sendable {
    private struct Entry: Sendable {
        let rule: Int32
        let condition: CompiledCondition
    }

    private let entries: [Entry]
    /// Those that nothing in a field tells: each event is held against them.
    private let others: [Int32]
    private let fields: [FieldIndex]
    /// Those that are the same for all events of an execution.
    private let executionFields: [FieldIndex]

    /// - Parameter rules: what they ask, with their numbers.
    init(_ rules: [(number: Int32, condition: Condition)], kind: EventKind) {
        var entries: [Entry] = []
        var others: [Int32] = []
        var keys: [Subject: [(key: Access.Key, rule: Int32)]] = [:]
        for (number, condition) in rules {
            let entry = Int32(entries.count)
            entries.append(Entry(rule: number, condition: CompiledCondition(condition, for: kind)))
            if let access = Access(condition) {
                for (subject, key) in access.keys { keys[subject, default: []].append((key, entry)) }
            } else {
                others.append(entry)
            }
        }
        self.entries = entries
        self.others = others
        let fields = keys.compactMap { subject, keys in
            FieldReader(subject, of: kind).map { FieldIndex($0, keys) }
        }
        self.fields = fields.filter { !$0.isOfExecution }
        executionFields = fields.filter(\.isOfExecution)
    }

    private func find(
        _ fields: [FieldIndex],
        _ event: borrowing Event,
        _ record: Record,
        _ state: inout MatchState
    ) {
        for field in fields {
            // Apart, for exclusive access.
            var candidates = CandidateList()
            swap(&candidates, &state.candidates)
            field.find(event, record, &state.scratch) { candidates.note($0) }
            swap(&candidates, &state.candidates)
        }
    }

    /// How many rules there are.
    var count: Int { entries.count }

    /// Notes the numbers of the rules that an event matches, in their order. Allocates only for an execution that is not among those
    /// that are known.
    ///
    /// - Parameter known: what was found for executions before.
    func match(
        _ event: borrowing Event,
        _ record: Record,
        _ state: inout MatchState,
        _ known: inout ExecutionCandidates
    ) {
        state.begin(entries.count)
        if let entries = executionFields.isEmpty ? [] : known.entries(of: event) {
            for entry in entries { state.note(entry) }
        } else {
            find(executionFields, event, record, &state)
            known.keep(state.candidates.list, of: event)
        }
        finish(event, record, &state)
    }

    /// The same for an execution that does not come again.
    func match(_ event: borrowing Event, _ record: Record, _ state: inout MatchState) {
        state.begin(entries.count)
        find(executionFields, event, record, &state)
        finish(event, record, &state)
    }

    private func finish(_ event: borrowing Event, _ record: Record, _ state: inout MatchState) {
        for entry in others { state.note(entry) }
        find(fields, event, record, &state)
        state.candidates.sort()
        for entry in state.candidates.list {
            let entry = entries[Int(entry)]
            if entry.condition.holds(event, record, &state.scratch) { state.matched.append(entry.rule) }
        }
    }
}

/// What matching needs besides the rules, kept from one event to the next.
struct MatchState: ~Copyable {
    var scratch = TextBuffer(capacity: 8 << 10)
    var candidates = CandidateList()
    var matched: [Int32] = []

    mutating func begin(_ count: Int) {
        matched.removeAll(keepingCapacity: true)
        candidates.begin(count)
    }

    mutating func note(_ entry: Int32) { candidates.note(entry) }
}

/// Which rules an event may match, each once.
struct CandidateList {
    private(set) var list: [Int32] = []
    /// The round in which a rule was noted last.
    private var rounds: [UInt32] = []
    private var round: UInt32 = 0

    mutating func begin(_ count: Int) {
        list.removeAll(keepingCapacity: true)
        if rounds.count < count { rounds += repeatElement(0, count: count - rounds.count) }
        round &+= 1
        if round == 0 {
            for index in rounds.indices { rounds[index] = 0 }
            round = 1
        }
    }

    mutating func note(_ entry: Int32) {
        guard rounds[Int(entry)] != round else { return }
        rounds[Int(entry)] = round
        list.append(entry)
    }

    mutating func sort() { if list.count > 1 { list.sort() } }
}
