import CWire
import Formats
import Model

/// Writes batches as bytes, for the frames of one segment: what several events share is in the first frame that needs it.
struct BatchEncoder: ~Copyable {
    /// Numbers of what this segment holds already. The objects are kept, so that no other one gets their address.
    private var executions: [ObjectIdentifier: (number: UInt32, execution: Execution)] = [:]
    private var blobs: [ObjectIdentifier: (number: UInt32, bytes: Bytes)] = [:]
    private var rules: [ObjectIdentifier: (rules: MatchedRules, text: Bytes)] = [:]
    private var text = TextBuffer(capacity: 1 << 10)
    private var newBlobs = TextBuffer(capacity: 16 << 10)
    private var newExecutions = TextBuffer(capacity: 16 << 10)
    private var blobCount: UInt32 = 0
    private var executionCount: UInt32 = 0
    private var lastExecution: (execution: Execution, number: UInt32)?

    init() {}

    /// Begins another segment, which holds nothing yet.
    mutating func removeAll() {
        executions.removeAll(keepingCapacity: true)
        blobs.removeAll(keepingCapacity: true)
        rules.removeAll(keepingCapacity: true)
        lastExecution = nil
    }

    /// Adds a batch behind what is in the buffer.
    mutating func encode(_ batch: EventBatch, into buffer: inout TextBuffer) {
        newBlobs.clear()
        newExecutions.clear()
        (blobCount, executionCount) = (0, 0)
        let begin = buffer.count
        var head = BatchLayout.Head()
        head.blobsBefore = UInt32(blobs.count)
        head.executionsBefore = UInt32(executions.count)
        buffer.put(head)
        // Shared things come before the events that name them, and are only known after these: events are put together
        // behind, and the rest is appended in the order in which it is read.
        let events = batch.events
        var records = 0
        for index in events.indices {
            var event = BatchLayout.Event()
            event.time = events[index].time
            event.kind = UInt32(events[index].kind.rawValue)
            if let process = events[index].process { event.process = number(of: process) }
            if let parent = events[index].parent { event.parent = number(of: parent) }
            if let rules = events[index].rules {
                event.rules = number(of: rules, events[index], batch.record(events[index]))
            }
            event.length = UInt32(batch.record(events[index]).bytes.count)
            records += Int(event.length)
            buffer.put(event)
        }
        for index in events.indices { buffer.append(batch.record(events[index]).bytes) }
        buffer.append(newBlobs.bytes)
        buffer.append(newExecutions.bytes)
        head.events = UInt32(events.count)
        head.recordBytes = UInt64(records)
        head.blobs = blobCount
        head.executions = executionCount
        head.blobBytes = UInt64(newBlobs.count)
        buffer.replace(at: begin, with: head)
    }

    private mutating func number(of execution: Execution) -> UInt32 {
        if let lastExecution, lastExecution.execution === execution { return lastExecution.number }
        let key = ObjectIdentifier(execution)
        let number: UInt32
        if let known = executions[key] {
            number = known.number
        } else {
            number = UInt32(executions.count) + 1
            executions[key] = (number, execution)
            write(execution)
        }
        lastExecution = (execution, number)
        return number
    }

    private mutating func write(_ execution: Execution) {
        var row = BatchLayout.Execution()
        row.time = execution.id.time
        row.tgid = execution.id.tgid
        row.start = execution.start
        if let parent = execution.parentID {
            row.flags |= BatchLayout.hasParent
            row.parentTime = parent.time
            row.parentTgid = parent.tgid
        }
        row.origin = execution.origin.rawValue
        row.execs = UInt32(execution.execs)
        row.wallTime = execution.wallTime
        if let namespaces = execution.hostNamespaces {
            row.flags |= BatchLayout.hasHostNamespaces
            row.hostNamespaces = namespaces
        }
        row.comm = execution.comm
        if let storage = execution.storage { row.storage = number(of: storage) }
        if let answer = execution.container?.answer { row.answer = number(of: answer) }
        row.json = number(of: execution.json)
        newExecutions.put(row)
        executionCount += 1
    }

    /// Of the text of rules, which is written once when it is the same for all events.
    private mutating func number(of rules: MatchedRules, _ event: borrowing Event, _ record: Record) -> UInt32 {
        if let written = rules.written { return number(of: written) }
        if let known = self.rules[ObjectIdentifier(rules)] { return number(of: known.text) }
        text.clear()
        RulesText.write(rules, event, record, to: &text)
        let bytes = Bytes(text.bytes)
        if !rules.hasFields { self.rules[ObjectIdentifier(rules)] = (rules, bytes) }
        return number(of: bytes)
    }

    private mutating func number(of bytes: Bytes) -> UInt32 {
        if let known = blobs[ObjectIdentifier(bytes)] { return known.number }
        let number = UInt32(blobs.count) + 1
        blobs[ObjectIdentifier(bytes)] = (number, bytes)
        newBlobs.put(UInt32(bytes.count))
        newBlobs.append(bytes.buffer)
        blobCount += 1
        return number
    }
}

/// How a batch lies in a frame: head, events, their records, blobs (each with its length before it), executions.
///
/// Numbers of executions and blobs count from 1 through the segment; 0 is none.
enum BatchLayout {
    struct Head: BitwiseCopyable {
        var events: UInt32 = 0
        var blobs: UInt32 = 0
        var executions: UInt32 = 0
        /// How many the segment had before: what a damaged frame took along must not shift what follows.
        var blobsBefore: UInt32 = 0
        var executionsBefore: UInt32 = 0
        var reserved: UInt32 = 0
        var recordBytes: UInt64 = 0
        var blobBytes: UInt64 = 0
    }

    struct Event: BitwiseCopyable {
        var time: UInt64 = 0
        var kind: UInt32 = 0
        var length: UInt32 = 0
        var process: UInt32 = 0
        var parent: UInt32 = 0
        /// The text of the rules that it matches, a blob.
        var rules: UInt32 = 0
        var reserved: UInt32 = 0
    }

    struct Execution: BitwiseCopyable {
        var time: UInt64 = 0
        var start: UInt64 = 0
        var parentTime: UInt64 = 0
        var origin: UInt64 = 0
        var wallTime: UInt64 = 0
        var comm = InlineArray<16, UInt8>(repeating: 0)
        var hostNamespaces = mt_namespaces()
        var tgid: UInt32 = 0
        var parentTgid: UInt32 = 0
        var execs: UInt32 = 0
        var flags: UInt32 = 0
        var storage: UInt32 = 0
        var answer: UInt32 = 0
        var json: UInt32 = 0
        var reserved: UInt32 = 0
    }

    static let hasParent: UInt32 = 1
    static let hasHostNamespaces: UInt32 = 2
}

extension TextBuffer {
    /// Adds a value's own bytes.
    mutating func put(_ value: some BitwiseCopyable) { withUnsafeBytes(of: value) { append($0) } }
}
