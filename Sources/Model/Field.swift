/// One entry of the registry from which formats, filters and documentation derive.
package struct Field: Sendable {
    /// What a field is read from.
    package enum Source: Sendable {
        case process(@Sendable (Execution) -> FieldValue)
        case record(@Sendable (Record) -> FieldValue)
    }

    /// Its key; dots lead into objects.
    package let name: String
    /// The type in JSON, in words.
    package let type: String
    package let summary: String
    /// Where its bytes were read, and so who could have changed them.
    package let origin: String
    /// Told only by the events that begin an execution, not by each of its events.
    package let isDetail: Bool
    package let source: Source

    init(
        process name: String,
        _ type: String,
        _ summary: String,
        from origin: String,
        isDetail: Bool = false,
        _ value: @escaping @Sendable (Execution) -> FieldValue
    ) {
        self.name = name
        self.type = type
        self.summary = summary
        self.origin = origin
        self.isDetail = isDetail
        source = .process(value)
    }

    init(
        _ name: String,
        _ type: String,
        _ summary: String,
        from origin: String,
        _ value: @escaping @Sendable (Record) -> FieldValue
    ) {
        self.name = name
        self.type = type
        self.summary = summary
        self.origin = origin
        isDetail = false
        source = .record(value)
    }
}

/// The registry: every field that a user can see.
package enum Fields {
    /// The fields of `process` and `parent`, in the order of the JSON format.
    package static let process: [Field] =
        identity + container + ancestry + programDetails + containerDetails + credentialDetails + namespaceDetails

    /// Those that the record of an exec or of the snapshot tells: a fork's child shares it.
    static let ofProgram: [Field] =
        identity.filter { ["uid", "cwd", "binary", "arguments", "auid"].contains($0.name) }
        + programDetails.filter { $0.name != "marks" } + credentialDetails + namespaceDetails

    /// The fields of an event's own, beside `process` and `parent`.
    package static func event(_ kind: EventKind) -> [Field] {
        switch kind {
        case .open: open
        case .tcp: tcp
        case .breakout: breakout
        case .tcpDrop: tcpDrop
        case .exit: exit
        case .execFailed: execFailed
        case .loss: loss
        case .heartbeat: heartbeat
        case .shell: shell
        case .container: engineAnswer
        case .kprobe: kprobe
        case .tracepoint: tracepoint
        case .uprobe: uprobe
        case .usdt: usdt
        case .lsm: lsm
        case .loader: loader
        case .fork, .exec, .snapshot, .clock: []
        }
    }

    /// Reads one field of an event's own; always absent when the kind has no such field.
    package static func reader(_ name: String, of kind: EventKind) -> @Sendable (Record) -> FieldValue {
        for field in event(kind) where field.name == name {
            if case .record(let read) = field.source { return read }
        }
        return { _ in .absent }
    }
}
