import CLibBPF
import Glibc

/// A ring buffer and its consumer: records are read where they lie and given back when the reader says so.
///
/// The kernel maps the data pages twice in a row, so that a record is contiguous wherever it begins. Positions only
/// grow; a record is an 8-byte header (length with a busy and a discard bit, page offset) and its bytes, padded to 8.
/// Layout and protocol: `kernel/bpf/ringbuf.c`.
public struct RingBuffer: ~Copyable {
    /// The map's file descriptor, which this value owns; readable when there are records and a wake-up was sent.
    public let descriptor: Int32
    /// Bytes for records and their headers: a power of two.
    public let capacity: Int

    private let consumerPage: UnsafeMutableRawPointer
    private let producerPages: UnsafeMutableRawPointer
    private let data: UnsafeRawPointer
    private var cursor: UInt64
    /// The producers' position when the cursor last caught up with it: spares a look at a contended cache line.
    private var limit: UInt64

    private static var pageSize: Int { sysconf(Int32(_SC_PAGESIZE)) }

    /// Creates a ring of at least `bytes`, rounded up to a power of two of pages.
    public init(name: String, bytes: Int) throws(BPFError) {
        guard bytes <= 1 << 31 else { throw BPFError(step: .ring, subject: "ring \(name)", errno: E2BIG) }
        var capacity = Self.pageSize
        while capacity < bytes { capacity *= 2 }
        let descriptor = clibbpf_ring_create(name, UInt32(capacity))
        guard descriptor >= 0 else { throw BPFError(step: .ring, subject: "ring \(name)", errno: -descriptor) }
        try self.init(owning: descriptor, capacity: capacity, name: name)
    }

    /// Reads a ring that is a map of a loaded object. A ring has one reader: make this once for each map.
    public init(_ map: BPFMapReference) throws(BPFError) {
        var info = bpf_map_info()
        var length = UInt32(MemoryLayout<bpf_map_info>.size)
        let error = bpf_obj_get_info_by_fd(map.descriptor, &info, &length)
        guard error == 0 else { throw BPFError(step: .ring, subject: "ring \(map.name)", errno: -error) }
        guard info.type == BPF_MAP_TYPE_RINGBUF.rawValue else {
            throw BPFError(step: .ring, subject: "ring \(map.name)", errno: 0, log: ["the map is no ring buffer"])
        }
        let descriptor = fcntl(map.descriptor, F_DUPFD_CLOEXEC, 3)
        guard descriptor >= 0 else { throw BPFError(step: .ring, subject: "ring \(map.name)", errno: errno) }
        try self.init(owning: descriptor, capacity: Int(info.max_entries), name: map.name)
    }

    /// Takes the descriptor, also when it throws.
    private init(owning descriptor: Int32, capacity: Int, name: String) throws(BPFError) {
        let page = Self.pageSize
        let consumer = mmap(nil, page, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        let producer = mmap(nil, page + 2 * capacity, PROT_READ, MAP_SHARED, descriptor, page)
        guard let consumer, consumer != MAP_FAILED, let producer, producer != MAP_FAILED else {
            let error = errno
            close(descriptor)
            throw BPFError(step: .ring, subject: "ring \(name)", errno: error)
        }
        self.descriptor = descriptor
        self.capacity = capacity
        consumerPage = consumer
        producerPages = producer
        data = UnsafeRawPointer(producer) + page
        cursor = clibbpf_load_acquire(consumer)
        limit = cursor
    }

    deinit {
        munmap(consumerPage, Self.pageSize)
        munmap(producerPages, Self.pageSize + 2 * capacity)
        close(descriptor)
    }

    /// The next record, or nil when there is none yet. The bytes stay valid until `release()` passes them.
    public mutating func next() -> UnsafeRawBufferPointer? {
        while true {
            if cursor == limit {
                limit = clibbpf_load_acquire(producerPages)
                if cursor == limit { return nil }
            }
            let header = data + Int(cursor & UInt64(capacity - 1))
            let length = clibbpf_load_acquire32(header)
            if length & Self.busy != 0 { return nil }
            let size = Int(length & ~(Self.busy | Self.discarded))
            cursor += UInt64((size + 8 + 7) & ~7)
            if length & Self.discarded == 0 { return UnsafeRawBufferPointer(start: header + 8, count: size) }
        }
    }

    /// Where `next()` will read.
    public var position: UInt64 { cursor }

    /// Goes back to a position that has not been released.
    public mutating func rewind(to position: UInt64) { cursor = position }

    /// Gives the room of all records before the cursor back to the kernel.
    public func release() { clibbpf_store_release(consumerPage, cursor) }

    /// Bytes in use, as of now.
    public var used: Int { Int(clibbpf_load_acquire(producerPages) &- clibbpf_load_acquire(consumerPage)) }

    private static let busy: UInt32 = 1 << 31
    private static let discarded: UInt32 = 1 << 30
}
