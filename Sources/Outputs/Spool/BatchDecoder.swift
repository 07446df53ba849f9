import CWire
import Model

/// Reads batches from the frames of one segment, in their order.
///
/// What it reads has passed a checksum; it may be another version's all the same, so nothing outside of it is read.
struct BatchDecoder {
    /// Why bytes are no batch.
    struct Malformed: Error {}

    /// What the frames so far held; nil for what a damaged one took along.
    private var executions: [Execution?] = []
    private var blobs: [Bytes?] = []
    /// More in one segment is damage.
    private static let largestCount = 1 << 22

    init() {}

    /// Reads a batch; without events when only what it shares with later ones is wanted.
    mutating func decode(
        _ bytes: UnsafeRawBufferPointer,
        withEvents: Bool,
        from pool: EventBatchPool
    ) throws(Malformed) -> EventBatch {
        var reader = ByteReader(bytes)
        let head = try reader.take(BatchLayout.Head.self)
        let eventBytes = Int(head.events).multipliedReportingOverflow(by: MemoryLayout<BatchLayout.Event>.stride)
        guard !eventBytes.overflow else { throw Malformed() }
        var events = ByteReader(try reader.take(eventBytes.partialValue))
        var records = ByteReader(try reader.take(Int(clamping: head.recordBytes)))
        var blobs = ByteReader(try reader.take(Int(clamping: head.blobBytes)))
        try Self.align(&self.blobs, to: head.blobsBefore)
        try Self.align(&executions, to: head.executionsBefore)
        for _ in 0..<head.blobs {
            let length = try blobs.take(UInt32.self)
            self.blobs.append(Bytes(try blobs.take(Int(length))))
        }
        for _ in 0..<head.executions { executions.append(try execution(reader.take(BatchLayout.Execution.self))) }
        let batch = pool.take()
        guard withEvents else { return batch }
        for _ in 0..<head.events {
            let event = try events.take(BatchLayout.Event.self)
            let record = try records.take(Int(event.length))
            let offset = batch.append(record)
            guard let kind = EventKind(rawValue: UInt16(truncatingIfNeeded: event.kind)),
                let checked = try? batch.check(offset, record.count), checked.kind == kind
            else { throw Malformed() }
            batch.append(
                Event(
                    offset: offset,
                    kind: kind,
                    time: event.time,
                    process: executions(event.process),
                    parent: executions(event.parent),
                    rules: try blob(event.rules).map(MatchedRules.init(written:))
                )
            )
        }
        return batch
    }

    private static func align<Element>(_ list: inout [Element?], to count: UInt32) throws(Malformed) {
        guard count <= largestCount else { throw Malformed() }
        list.removeLast(max(0, list.count - Int(count)))
        list += Array(repeating: nil, count: Int(count) - list.count)
    }

    /// Nil also for one that was in a frame that is gone.
    private func executions(_ number: UInt32) -> Execution? {
        executions.indices.contains(Int(number) - 1) ? executions[Int(number) - 1] : nil
    }

    private func blob(_ number: UInt32) throws(Malformed) -> Bytes? {
        guard number > 0 else { return nil }
        guard blobs.indices.contains(Int(number) - 1) else { throw Malformed() }
        return blobs[Int(number) - 1]
    }

    /// Nil when a part of it was in a frame that is gone.
    private func execution(_ row: BatchLayout.Execution) throws(Malformed) -> Execution? {
        let storage = try record(row.storage, of: [.exec, .snapshot])
        let answer = try record(row.answer, of: [.container])
        guard let json = try blob(row.json), storage != nil || row.storage == 0 else { return nil }
        var place = ContainerPath()
        var container: Container?
        if let storage {
            let record = Record(checked: storage.buffer)
            if let path = record.string(record.process.pointee.cgroup) {
                place = ContainerPath(path)
                container = Container(place, in: path)
            }
        }
        if let known = container, let answer { container = Container(known, answer: answer) }
        return Execution(
            id: Execution.ID(time: row.time, tgid: row.tgid),
            start: row.start,
            parentID: row.flags & BatchLayout.hasParent != 0
                ? Execution.ID(time: row.parentTime, tgid: row.parentTgid) : nil,
            origin: Execution.Origin(rawValue: row.origin),
            execs: UInt16(truncatingIfNeeded: row.execs),
            wallTime: row.wallTime,
            hostNamespaces: row.flags & BatchLayout.hasHostNamespaces != 0 ? row.hostNamespaces : nil,
            storage: storage,
            comm: row.comm,
            place: place,
            container: container,
            encode: { _ in json }
        )
    }

    /// A blob that is a whole record of one of these kinds.
    private func record(_ number: UInt32, of kinds: KindSet) throws(Malformed) -> Bytes? {
        guard let bytes = try blob(number) else { return nil }
        guard let record = try? Record(bytes.buffer), kinds.contains(record.kind) else { throw Malformed() }
        return bytes
    }
}

/// Bytes that are taken from the front.
struct ByteReader {
    private(set) var rest: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { rest = bytes }

    mutating func take(_ count: Int) throws(BatchDecoder.Malformed) -> UnsafeRawBufferPointer {
        guard count >= 0, count <= rest.count else { throw BatchDecoder.Malformed() }
        defer { rest = UnsafeRawBufferPointer(rebasing: rest[count...]) }
        return UnsafeRawBufferPointer(rebasing: rest[..<count])
    }

    mutating func take<Value: BitwiseCopyable>(_: Value.Type) throws(BatchDecoder.Malformed) -> Value {
        try take(MemoryLayout<Value>.size).loadUnaligned(as: Value.self)
    }
}
