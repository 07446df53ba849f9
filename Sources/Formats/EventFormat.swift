import Model

/// The formats that events can be written in.
package enum EventFormat: String, CaseIterable, Sendable {
    case json, compact

    /// A writer in this format.
    package func makeWriter(node: String, colored: Bool) -> EventWriter {
        switch self {
        case .json: .json(JSONFormat(node: node))
        case .compact: .compact(CompactFormat(colored: colored))
        }
    }
}

/// Turns events into bytes, in one of the formats.
package enum EventWriter: ~Copyable {
    case json(JSONFormat)
    case compact(CompactFormat)

    /// Writes all events of a batch into `body`'s bytes, which are valid during the call only.
    package mutating func write<Result>(_ batch: EventBatch, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        switch consume self {
        case .json(var format):
            format.clear()
            for event in batch.events { format.write(event, batch.record(event)) }
            let result = body(format.bytes)
            self = .json(format)
            return result
        case .compact(var format):
            format.clear()
            for event in batch.events { format.write(event, batch.record(event)) }
            let result = body(format.bytes)
            self = .compact(format)
            return result
        }
    }
}
