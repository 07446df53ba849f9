import Glibc
import Model

/// A file of a spool: frames that follow each other, of one run of the agent.
struct SpoolSegment {
    let path: String
    let origin: StreamOrigin
    /// Its first frame, and the one behind its last.
    let first: UInt64
    var end: UInt64
    var bytes: Int
    /// How many events of each kind the stream had before it and with it.
    let before: KindCounts
    var after: KindCounts
    /// When its first frame was written, on the clock of `now`; of one that was found, its last.
    let begun: Int

    /// "0000000000000001.segment", by its first frame, so that names sort as frames do.
    static func name(first: UInt64) -> String {
        let digits = String(first, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits + suffix
    }

    static let suffix = ".segment"

    /// Looks through a file that an earlier run left; nil when it is of no use.
    ///
    /// Reads headers alone. What is damaged between two good frames is found by whoever reads them; what comes after the
    /// last one is left out here: it was never written whole.
    init?(path: String) {
        guard let file = SpoolFile(reading: path), let header = file.segmentHeader(), header.isSound else { return nil }
        var offset = MemoryLayout<SpoolFormat.SegmentHeader>.size
        var end = header.first
        var after = KindCounts(header.events)
        while let (found, frame) = file.nextHeader(from: offset, of: header.run) {
            // Numbers grow; what does not is an old copy.
            guard frame.number >= end else { break }
            offset = found + MemoryLayout<SpoolFormat.FrameHeader>.size + Int(frame.length)
            guard offset <= file.size else { break }
            end = frame.number + 1
            after = frame.counts
        }
        self.path = path
        origin = header.origin
        first = header.first
        self.end = end
        self.after = after
        before = KindCounts(header.events)
        bytes = file.size
        // The wall clock is asked once: should it be set while we run, nothing grows older by that. One that was not set yet
        // says nothing.
        let age = time(nil) - file.modified
        begun = Self.now() - (file.modified < 1 << 30 ? 0 : max(0, age))
    }

    init(path: String, origin: StreamOrigin, first: UInt64, before: KindCounts, bytes: Int) {
        self.path = path
        self.origin = origin
        self.first = first
        end = first
        self.bytes = bytes
        self.before = before
        after = before
        begun = Self.now()
    }

    /// Seconds of a clock that nobody sets.
    static func now() -> Int { Int(MonotonicClock.now() / 1_000_000_000) }
}

/// An open segment, for reading.
struct SpoolFile: ~Copyable {
    private let descriptor: Int32
    let size: Int
    let modified: Int

    init?(reading path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        var information = stat()
        guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        size = Int(information.st_size)
        modified = information.st_mtim.tv_sec
    }

    deinit { close(descriptor) }

    borrowing func segmentHeader() -> SpoolFormat.SegmentHeader? { value(at: 0) }

    /// The first sound frame header at `offset` or behind it: the next bytes, unless they are damaged.
    borrowing func nextHeader(
        from offset: Int,
        of run: UInt64
    ) -> (offset: Int, header: SpoolFormat.FrameHeader)? {
        if let header: SpoolFormat.FrameHeader = value(at: offset), header.isSound(of: run) { return (offset, header) }
        var position = offset
        var area = [UInt8](repeating: 0, count: 64 << 10)
        let magic = withUnsafeBytes(of: SpoolFormat.frameMagic) { Array($0) }
        while true {
            let count = pread(descriptor, &area, area.count, off_t(position))
            guard count >= MemoryLayout<SpoolFormat.FrameHeader>.size else { return nil }
            for index in 0...(count - magic.count) where area[index] == magic[0] && area[index + 1] == magic[1] {
                guard let header: SpoolFormat.FrameHeader = value(at: position + index), header.isSound(of: run) else {
                    continue
                }
                return (position + index, header)
            }
            position += count - magic.count + 1
        }
    }

    /// Reads so many bytes; nil when they are not there.
    borrowing func read(_ count: Int, at offset: Int, into area: inout [UInt8]) -> Bool {
        if area.count < count { area = [UInt8](repeating: 0, count: max(count, 2 * area.count)) }
        var done = 0
        while done < count {
            let got = area.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress.map { $0 + done }, count - done, off_t(offset + done))
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { return false }
            done += got
        }
        return true
    }

    private borrowing func value<Value: BitwiseCopyable>(at offset: Int) -> Value? {
        withUnsafeTemporaryAllocation(byteCount: MemoryLayout<Value>.size, alignment: 16) { area in
            guard pread(descriptor, area.baseAddress, area.count, off_t(offset)) == area.count else { return nil }
            return area.load(as: Value.self)
        }
    }
}
