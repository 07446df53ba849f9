import CZlib
import Model

/// How segments of a spool look: a header, then frames, each a batch with a header and checksums of its own.
///
/// Numbers are in the byte order of the machine: a spool is read where it was written. After each frame `events` says how
/// many events of each kind the stream has had, so that the frames around a damaged one tell what was in it.
enum SpoolFormat {
    /// Changes with any layout here, in `BatchLayout` or in `CWire`.
    static let version: UInt32 = 4
    static let magic: UInt64 = 0x6c6f_6f70_5374_724d  // "MrtSpool"
    static let frameMagic: UInt32 = 0x454d_5246  // "FRME"
    static let largestPayload = 256 << 20
    static let largestName = 255
    /// More frames than will ever be: a larger number is damage, and must not be counted on from.
    static let largestNumber: UInt64 = 1 << 61

    /// Before the node's name, which takes the rest of `SegmentHeader.size` bytes.
    struct SegmentHeader: BitwiseCopyable {
        var magic = SpoolFormat.magic
        var version = SpoolFormat.version
        var nameLength: UInt32 = 0
        var stream = InlineArray<16, UInt8>(repeating: 0)
        var boot = InlineArray<16, UInt8>(repeating: 0)
        var start: UInt64 = 0
        /// The number of its first frame.
        var first: UInt64 = 0
        /// How many events of each kind the stream had before.
        var events = KindCounts.Values(repeating: 0)
        var checksum: UInt32 = 0
        var reserved: UInt32 = 0
        var name = InlineArray<256, UInt8>(repeating: 0)
    }

    struct FrameHeader: BitwiseCopyable {
        var magic = SpoolFormat.frameMagic
        /// Of the payload, in bytes.
        var length: UInt32 = 0
        /// The first bytes of the stream's name: what is in a payload may look like a header, and must not pass for one.
        var run: UInt64 = 0
        var number: UInt64 = 0
        /// How many events of each kind the stream had with this frame.
        var events = KindCounts.Values(repeating: 0)
        /// Of the payload.
        var checksum: UInt32 = 0
        /// Of what stands before.
        var headerChecksum: UInt32 = 0
    }

    static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        UInt32(truncatingIfNeeded: crc32(0, bytes.bindMemory(to: UInt8.self).baseAddress, UInt32(bytes.count)))
    }
}

extension SpoolFormat.SegmentHeader {
    init(_ origin: StreamOrigin, first: UInt64, events: KindCounts) {
        self.init()
        for (index, byte) in origin.stream.prefix(16).enumerated() { stream[index] = byte }
        for (index, byte) in origin.boot.prefix(16).enumerated() { boot[index] = byte }
        start = origin.start
        self.first = first
        self.events = events.values
        let name = origin.node.utf8.prefix(SpoolFormat.largestName)
        nameLength = UInt32(name.count)
        for (index, byte) in name.enumerated() { self.name[index] = byte }
    }

    /// With its checksum.
    func sealed() -> Self {
        var header = self
        header.checksum = header.computed
        return header
    }

    /// Of all but the checksum itself.
    private var computed: UInt32 {
        var header = self
        header.checksum = 0
        return withUnsafeBytes(of: header) { SpoolFormat.checksum($0) }
    }

    /// Whether it is whole and of this version.
    var isSound: Bool {
        magic == SpoolFormat.magic && version == SpoolFormat.version && checksum == computed
            && first < 2 * SpoolFormat.largestNumber
    }

    /// What its frames' headers have of the stream's name.
    var run: UInt64 { withUnsafeBytes(of: stream) { $0.loadUnaligned(as: UInt64.self) } }

    /// Whose batches it holds.
    var origin: StreamOrigin {
        StreamOrigin(
            node: node,
            boot: (0..<16).map { boot[$0] },
            start: start,
            stream: (0..<16).map { stream[$0] }
        )
    }

    /// The node's name.
    private var node: String {
        String(decoding: (0..<min(Int(nameLength), SpoolFormat.largestName)).map { name[$0] }, as: UTF8.self)
    }
}

extension SpoolFormat.FrameHeader {
    /// With the checksum of itself.
    func sealed() -> Self {
        var header = self
        header.headerChecksum = header.computed
        return header
    }

    private var computed: UInt32 {
        withUnsafeBytes(of: self) {
            SpoolFormat.checksum(
                UnsafeRawBufferPointer(rebasing: $0[..<(MemoryLayout<Self>.offset(of: \.headerChecksum) ?? 0)])
            )
        }
    }

    /// Whether it is a header of this stream's, and whole.
    func isSound(of run: UInt64) -> Bool {
        magic == SpoolFormat.frameMagic && self.run == run && Int(length) <= SpoolFormat.largestPayload
            && number < SpoolFormat.largestNumber && headerChecksum == computed
    }

    /// How many events the stream had with this frame.
    var counts: KindCounts { KindCounts(events) }
}
