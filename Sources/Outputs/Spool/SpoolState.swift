import Glibc
import Model
import Synchronization

/// What a spool knows of its batches, in a page that is shared with a file: what stands in it outlives the process, however
/// that ends.
///
/// Three threads write it, each its own fields.
final class SpoolState {
    /// Where the sink is, and what the frames before that had.
    struct Mark: BitwiseCopyable {
        var frame: UInt64 = 1
        var events: UInt64 = 0
        var counts = KindCounts.Values(repeating: 0)
        var checksum: UInt64 = 0

        /// With its checksum.
        func sealed() -> Mark {
            var mark = self
            mark.checksum = computed
            return mark
        }

        var isSound: Bool { checksum == computed && frame < 2 * SpoolFormat.largestNumber && events < 1 << 32 }

        private var computed: UInt64 {
            var mark = self
            mark.checksum = 0
            return UInt64(withUnsafeBytes(of: mark) { SpoolFormat.checksum($0) }) | 1 << 32
        }
    }

    /// All of it.
    struct Page: BitwiseCopyable {
        var magic: UInt64 = 0
        var version: UInt64 = 0
        /// Which of the two marks holds: the other one is written, and then this number.
        var mark: UInt64 = 0
        var marks = InlineArray<2, Mark>(repeating: Mark().sealed())
        /// The number of the next frame.
        var nextFrame: UInt64 = 1
        /// How many events of each kind the frames so far had.
        var spooled = KindCounts.Values(repeating: 0)
        /// How many events were offered, and how many of them had no room in the queue.
        var offered = KindCounts.Values(repeating: 0)
        var refused = KindCounts.Values(repeating: 0)
        /// 1 when its agent ended in order.
        var isClosed: UInt64 = 0
        /// What will never be delivered, and is accounted for.
        var gaps = InlineArray<16, SpoolGaps.Gap>(repeating: SpoolGaps.Gap())
        /// What was lost, what the sink knows of that, and what it will know with frame `tellingFrame`.
        var lost = SpoolLossAccount.Table(repeating: 0)
        var told = SpoolLossAccount.Table(repeating: 0)
        var telling = SpoolLossAccount.Table(repeating: 0)
        var tellingFrame: UInt64 = 0

        /// Whether nothing in it is damaged beyond belief: counters are not sealed, since they change all the time.
        var isPlausible: Bool {
            let largest: UInt64 = 1 << 56
            let counters = [spooled, offered, refused] + gaps.indices.map { gaps[$0].counts }
            let tables = [lost, told, telling]
            return magic == SpoolState.magic && version == SpoolState.version
                && nextFrame < 2 * SpoolFormat.largestNumber
                && counters.allSatisfy { counter in counter.indices.allSatisfy { counter[$0] < largest } }
                && tables.allSatisfy { table in table.indices.allSatisfy { table[$0] < largest } }
        }
    }

    private static let magic: UInt64 = 0x6574_6174_5374_724d  // "MrtState"
    private static let version: UInt64 = 2
    private static let size = 16384

    private let mapping: UnsafeMutablePointer<Page>
    /// Whether it was made anew: nothing is known of what lies in the folder.
    let isNew: Bool
    /// Whether there was one that cannot be believed.
    let wasDamaged: Bool

    /// Opens the file, or makes it.
    ///
    /// - Parameter path: nil for a page in memory alone.
    init(path: String?) throws(SinkFailure) {
        let descriptor = try path.map { (path) throws(SinkFailure) in try Self.open(path) } ?? -1
        defer { if descriptor >= 0 { close(descriptor) } }
        let flags = path == nil ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED
        guard let area = mmap(nil, Self.size, PROT_READ | PROT_WRITE, flags, descriptor, 0), area != MAP_FAILED else {
            throw SinkFailure("\(path ?? "spool"): \(String(cString: strerror(errno)))")
        }
        mapping = area.bindMemory(to: Page.self, capacity: 1)
        isNew = !mapping.pointee.isPlausible
        wasDamaged = isNew && mapping.pointee.magic != 0
        guard isNew else { return }
        var page = Page()
        page.magic = Self.magic
        page.version = Self.version
        mapping.pointee = page
    }

    deinit { munmap(mapping, Self.size) }

    private static func open(_ path: String) throws(SinkFailure) -> Int32 {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw SinkFailure("\(path): \(String(cString: strerror(errno)))") }
        // With its blocks: a page without one would kill the process on a full disk.
        let error = posix_fallocate(descriptor, 0, off_t(size))
        guard error == 0 else {
            close(descriptor)
            throw SinkFailure("\(path): \(String(cString: strerror(error)))")
        }
        return descriptor
    }

    /// What stands in it.
    var page: Page {
        get { mapping.pointee }
        set { mapping.pointee = newValue }
    }

    /// Counts the events of a batch as offered.
    func offer(_ counts: KindCounts) { Self.add(counts, to: &mapping.pointee.offered) }

    /// Counts events as refused for want of room.
    func refuse(_ counts: KindCounts) { Self.add(counts, to: &mapping.pointee.refused) }

    private static func add(_ counts: KindCounts, to values: inout KindCounts.Values) {
        for kind in EventKind.allCases where counts[kind] > 0 { values[Int(kind.rawValue)] &+= counts[kind] }
    }

    /// Notes that all that was offered is accounted for.
    func settle(isClosed: Bool = false) {
        mapping.pointee.isClosed = isClosed ? 1 : 0
        mapping.pointee.offered = mapping.pointee.spooled
        mapping.pointee.refused = KindCounts().values
    }

    /// Notes what all frames so far had, the next of which is `nextFrame`.
    func note(spooled: KindCounts, nextFrame: UInt64) {
        mapping.pointee.spooled = spooled.values
        mapping.pointee.nextFrame = nextFrame
    }

    /// Notes what is lost, and what the sink knows of it.
    func note(_ gaps: SpoolGaps, _ account: SpoolLossAccount) {
        mapping.pointee.gaps = gaps.stored
        let stored = account.stored
        mapping.pointee.lost = stored.lost
        mapping.pointee.told = stored.told
        mapping.pointee.telling = stored.pending
        mapping.pointee.tellingFrame = stored.frame
    }

    /// Where the sink is; nil when neither mark can be believed.
    var acknowledged: Mark? {
        let marks = mapping.pointee.marks
        let current = Int(mapping.pointee.mark & 1)
        return [current, 1 - current].map { marks[$0] }.first { $0.isSound }
    }

    /// Notes where the sink is: at no moment is half of it the old place.
    func note(acknowledged mark: Mark) {
        let other = 1 - mapping.pointee.mark & 1
        mapping.pointee.marks[Int(other)] = mark.sealed()
        let number = MemoryLayout<Page>.offset(of: \.mark) ?? 0
        (UnsafeMutableRawPointer(mapping) + number).assumingMemoryBound(to: Atomic<UInt64>.self).pointee
            .store(other, ordering: .sequentiallyConsistent)
    }
}
