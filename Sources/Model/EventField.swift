/// A field of an event as conditions and messages name it: its own by its name, its process' as `process.…`, and those of the
/// process' parent as `parent.…`.
package struct EventField: Sendable {
    /// Whose field it is.
    package enum Owner: Sendable, Hashable {
        case event, process, parent
    }

    package let owner: Owner
    package let field: Field

    /// As users write it.
    package var name: String {
        switch owner {
        case .event: field.name
        case .process: "process.\(field.name)"
        case .parent: "parent.\(field.name)"
        }
    }

    /// All that an event of this kind can have.
    package static func all(of kind: EventKind) -> [EventField] { tables[Int(kind.rawValue)].fields }

    /// The one of this name, if events of this kind have it.
    package static func named(_ name: String, of kind: EventKind) -> EventField? {
        tables[Int(kind.rawValue)].byName[name]
    }

    /// By the kind's number.
    private static let tables = (0...(EventKind.allCases.map(\.rawValue).max() ?? 0)).map { number in
        let fields = EventKind(rawValue: number).map(make) ?? []
        return (fields: fields, byName: Dictionary(fields.map { ($0.name, $0) }) { first, _ in first })
    }

    private static func make(_ kind: EventKind) -> [EventField] {
        let own = Fields.event(kind).map { EventField(owner: .event, field: $0) }
        guard kind.hasProcess else { return own }
        return own
            + (Fields.moment + Fields.process).map { EventField(owner: .process, field: $0) }
            + Fields.process.map { EventField(owner: .parent, field: $0) }
    }

    /// Whether it is the process' or its parent's, and the same for all events of an execution.
    package static func isOfExecution(_ name: String) -> Bool {
        executionNames.contains(name)
    }

    /// Whether it is the process', and the same of a fork's child as of what it is a copy of.
    package static func isInherited(_ name: String) -> Bool { inheritedNames.contains(name) }

    private static let inheritedNames = Set(Fields.ofProgram.map { "process.\($0.name)" })

    private static let executionNames = Set(Fields.process.flatMap { ["process.\($0.name)", "parent.\($0.name)"] })

    /// Its value. Allocates nothing; what it points to lives as long as the event's batch.
    package func value(_ event: borrowing Event, _ record: Record) -> FieldValue {
        switch field.source {
        case .record(let read): read(record)
        case .process(let read):
            switch owner {
            case .parent: event.parent.map(read) ?? .absent
            case .event, .process: event.process.map(read) ?? .absent
            }
        }
    }
}

extension EventKind {
    /// Whether a process does it.
    package var hasProcess: Bool {
        switch self {
        case .loss, .heartbeat, .clock, .container: false
        default: true
        }
    }
}
