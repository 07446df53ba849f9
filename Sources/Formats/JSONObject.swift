import Model

/// The fields of one JSON object, made ready once: keys are encoded, dotted names have become nested objects.
///
/// What an event walks through is free of references, so that no step costs a count.
final class JSONObject: Sendable {
    struct Step {
        enum Action: UInt8 { case open, close, process, record }

        let action: Action
        /// Where `"key":` lies in `keys`.
        let keyBegin: Int32
        let keyEnd: Int32
        /// Which reader, and which name.
        let field: Int32
    }

    /// In a struct: an array of bare functions calls each through a thunk.
    struct ProcessReader: Sendable {
        let read: @Sendable (Execution) -> FieldValue
    }

    struct RecordReader: Sendable {
        let read: @Sendable (Record) -> FieldValue
    }

    let steps: ContiguousArray<Step>
    let keys: ContiguousArray<UInt8>
    let processReaders: ContiguousArray<ProcessReader>
    let recordReaders: ContiguousArray<RecordReader>
    /// The names of the fields, by step.
    let names: [String]
    /// Its fields follow those of another one in the same object.
    let isContinuation: Bool

    init(_ fields: [Field], isContinuation: Bool = false) {
        self.isContinuation = isContinuation
        var steps = ContiguousArray<Step>()
        var keys = ContiguousArray<UInt8>()
        var processReaders = ContiguousArray<ProcessReader>()
        var recordReaders = ContiguousArray<RecordReader>()
        var names: [String] = []

        func add(_ action: Step.Action, _ key: Substring = "", _ field: Int = 0, _ name: String = "") {
            let begin = keys.count
            if !key.isEmpty { keys += "\"\(key)\":".utf8 }
            steps.append(
                Step(action: action, keyBegin: Int32(begin), keyEnd: Int32(keys.count), field: Int32(field))
            )
            names.append(name)
        }

        var path: [Substring] = []
        for field in fields {
            let parts = field.name.split(separator: ".")
            let common = zip(path, parts.dropLast()).prefix { $0 == $1 }.count
            for _ in common..<path.count { add(.close) }
            for part in parts.dropLast().dropFirst(common) { add(.open, part) }
            path = Array(parts.dropLast())
            switch field.source {
            case .process(let read):
                add(.process, parts.last ?? "", processReaders.count, field.name)
                processReaders.append(ProcessReader(read: read))
            case .record(let read):
                add(.record, parts.last ?? "", recordReaders.count, field.name)
                recordReaders.append(RecordReader(read: read))
            }
        }
        for _ in path { add(.close) }
        self.steps = steps
        self.keys = keys
        self.processReaders = processReaders
        self.recordReaders = recordReaders
        self.names = names
    }
}
