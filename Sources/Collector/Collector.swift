import BPF
import CLinux
import CWire
import Glibc
import Model
import Probes

/// From the rings to ordered batches. Synchronous: belongs to the one thread that reads.
package struct Collector: ~Copyable {
    /// How long a record waits for older ones of other lanes, ns.
    package static let hold: UInt64 = 2_000_000

    /// The most records that `collect` takes at once: as many mean that there are more.
    package static let batchLimit = 8192

    package private(set) var builder: EventBuilder
    private var merge: LaneMerge
    private let epoll: Int32
    /// Whether records were left behind that are too young: look again soon, no wake-up will come for them.
    package var holds: Bool { merge.holds }
    private var wallOffset: UInt64?
    /// Sockets of the snapshot: events that no kernel counter knows of.
    package private(set) var socketsFound: UInt64 = 0
    private var reported = LossTotals()

    /// Reads `lanes`; `node` is the machine's name in events.
    package init(lanes: [RingBox], node: String) throws(BPFError) {
        builder = EventBuilder(node: node)
        merge = LaneMerge(lanes: lanes, limit: Self.batchLimit)
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw BPFError(step: .ring, subject: "epoll", errno: errno) }
        for lane in lanes {
            var interest = epoll_event()
            interest.events = EPOLLIN.rawValue
            // Edge-triggered: what the hold keeps in a ring must not wake us again and again.
            interest.events |= EPOLLET.rawValue
            guard epoll_ctl(epoll, EPOLL_CTL_ADD, lane.ring.descriptor, &interest) == 0 else {
                throw BPFError(step: .ring, subject: "epoll", errno: errno)
            }
        }
    }

    deinit { close(epoll) }

    /// Also wakes `wait` when `descriptor` becomes readable.
    package borrowing func watch(_ descriptor: Int32) {
        var interest = epoll_event()
        interest.events = EPOLLIN.rawValue
        epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &interest)
    }

    /// Sleeps until a lane sends a wake-up, a watched descriptor is readable, or `milliseconds` are over.
    package borrowing func wait(milliseconds: Int32) {
        withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: 16) { events in
            _ = epoll_wait(epoll, events.baseAddress, 16, milliseconds)
        }
    }

    /// Moves what is older than the hold, or everything when `all`, into the batch. Returns how many records.
    package mutating func collect(all: Bool = false, into batch: EventBatch) -> Int {
        checkClock(into: batch)
        let now = BootClock.now()
        return merge.take(upTo: all ? .max : now - Self.hold, with: &builder, into: batch)
    }

    /// Takes in the processes that already run; their parents first.
    package mutating func takeSnapshot(_ snapshot: borrowing Snapshot, into batch: EventBatch) throws(BPFError) {
        checkClock(into: batch)
        var records: [(start: UInt64, bytes: [UInt8])] = []
        try snapshot.read { bytes in
            guard bytes.count >= MemoryLayout<mt_process>.size else { return }
            let start = bytes.loadUnaligned(
                fromByteOffset: MemoryLayout<mt_header>.offset(of: \.start) ?? 0,
                as: UInt64.self
            )
            records.append((start, Array(bytes)))
        }
        records.sort { $0.start < $1.start }
        for var record in records {
            if !snapshot.hasArguments { ProcArguments.add(to: &record.bytes) }
            record.bytes.withUnsafeBytes { builder.accept($0, into: batch) }
        }
    }

    /// Takes in the sockets that there are already; their processes must be in.
    package mutating func takeSnapshot(_ snapshot: borrowing SocketSnapshot, into batch: EventBatch) throws(BPFError) {
        var records: [[UInt8]] = []
        try snapshot.read { records.append(Array($0)) }
        socketsFound += UInt64(records.count)
        for record in records { record.withUnsafeBytes { builder.accept($0, into: batch) } }
    }

    /// Puts the answers of container engines into the stream.
    package mutating func add(_ answers: [[UInt8]], into batch: EventBatch) {
        for answer in answers { answer.withUnsafeBytes { builder.accept($0, into: batch) } }
    }

    /// Notes containers that are new from now on.
    package mutating func noteUnnamedContainers() { builder.noteUnnamedContainers() }

    /// Notes containers that are new, named or forgotten from now on.
    package mutating func noteContainerChanges() { builder.noteContainerChanges() }

    /// Containers that are new, named or forgotten since the last call.
    package mutating func takeContainerChanges() -> (changed: [Container], gone: [Container])? {
        builder.takeContainerChanges()
    }

    /// Containers whose engine may know a name, and that have come since the last call.
    package mutating func takeUnnamedContainers() -> [Container] { builder.takeUnnamedContainers() }

    /// Puts a loss event into the stream for each total that has grown since the last call.
    package mutating func reportLosses(_ totals: LossTotals, into batch: EventBatch) {
        for (kind, reason, count) in totals.growth(since: reported) {
            let record = SystemRecord.loss(time: BootClock.now(), kind: kind, reason: reason, count: count)
            withUnsafeBytes(of: record) { builder.accept($0, into: batch) }
        }
        reported = totals
    }

    /// A clock record first of all, and then whenever the wall clock has moved by more than 100 µs.
    private mutating func checkClock(into batch: EventBatch) {
        let offset = BootClock.wallOffset()
        if let wallOffset, offset &- wallOffset &+ 100_000 < 200_000 { return }
        wallOffset = offset
        let record = SystemRecord.clock(time: BootClock.now(), wallOffset: offset)
        withUnsafeBytes(of: record) { builder.accept($0, into: batch) }
    }
}
