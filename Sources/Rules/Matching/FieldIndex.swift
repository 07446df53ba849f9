import Formats
import Model
import UserInput

/// Which rules one field of an event may concern.
struct FieldIndex: Sendable {
    private let reader: FieldReader
    private let texts: TextIndex?
    private let ranges: RangeIndex
    private let networks: NetworkIndex

    init(_ reader: FieldReader, _ keys: [(key: Access.Key, rule: Int32)]) {
        self.reader = reader
        var notes = TextIndex.Notes()
        var ranges: [(range: ClosedRange<Int64>, posting: Int32)] = []
        var networks: [AddressPrefix: [Int32]] = [:]
        var hasText = false
        for (key, rule) in keys {
            switch key {
            case .exact(let text): notes.exact[text, default: []].append(rule)
            case .prefix(let text): notes.prefixes[text, default: []].append(rule)
            case .suffix(let text): notes.suffixes[text, default: []].append(rule)
            case .part(let text): notes.parts[text, default: []].append(rule)
            case .range(let range):
                ranges.append((range, rule))
                continue
            case .network(let network):
                networks[network, default: []].append(rule)
                continue
            }
            hasText = true
        }
        texts = hasText ? TextIndex(notes) : nil
        self.ranges = RangeIndex(ranges)
        self.networks = NetworkIndex(networks)
    }

    /// Whether it is the same for all events of an execution.
    var isOfExecution: Bool { reader.isOfExecution }

    /// Calls `body` for each rule that the event may match by this field; perhaps more than once.
    func find(
        _ event: borrowing Event,
        _ record: Record,
        _ scratch: inout TextBuffer,
        _ body: (Int32) -> Void
    ) {
        if let texts {
            _ = reader.contains(event, record, &scratch) { text in
                texts.find(text, body)
                return false
            }
        }
        if !ranges.isEmpty, let number = reader.value(event, record).asNumber { ranges.find(number, body) }
        if !networks.isEmpty, case .address(let address) = reader.value(event, record) { networks.find(address, body) }
    }
}

/// Where the value of a subject is read, for one kind of event.
package struct FieldReader: Sendable {
    private let field: EventField?
    private let bpfd: BPFDKey?

    /// Nil: events of this kind have no such field.
    init?(_ subject: Subject, of kind: EventKind) {
        switch subject {
        case .field(let name):
            guard let field = EventField.named(name, of: kind) else { return nil }
            self.field = field
            bpfd = nil
        case .bpfd(let name):
            guard let key = BPFDKey(name: name), BPFDTracer(kind)?.keys.contains(key) == true else { return nil }
            field = nil
            bpfd = key
        case .ancestor, .container, .pod, .unit, .runtime: return nil
        }
    }

    /// Whether it is read from the process or its parent, and from nothing else.
    var isOfExecution: Bool {
        guard let field, field.owner != .event, case .process = field.field.source else { return false }
        return true
    }

    func value(_ event: borrowing Event, _ record: Record) -> FieldValue {
        field.map { $0.value(event, record) } ?? .absent
    }

    /// Whether a text that the value has is one that `body` takes.
    func contains(
        _ event: borrowing Event,
        _ record: Record,
        _ scratch: inout TextBuffer,
        where body: (UnsafeRawBufferPointer) -> Bool
    ) -> Bool {
        if let bpfd { return bpfd.text(event, record, &scratch).map(body) ?? false }
        return MatchText.contains(value(event, record), &scratch, where: body)
    }
}
