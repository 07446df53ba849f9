import Model

/// Reads the frames of one segment, in their order; what is damaged is left out, and shows in the numbers.
struct SpoolSegmentReader: ~Copyable {
    private let file: SpoolFile
    private var offset = MemoryLayout<SpoolFormat.SegmentHeader>.size
    private var decoder = BatchDecoder()
    private var area: [UInt8] = []
    let path: String
    let origin: StreamOrigin
    private let run: UInt64

    init?(_ segment: SpoolSegment) {
        guard let file = SpoolFile(reading: segment.path), let header = file.segmentHeader() else { return nil }
        self.file = file
        run = header.run
        path = segment.path
        origin = segment.origin
    }

    /// A frame as it was read.
    struct Frame {
        let number: UInt64
        let batch: EventBatch
        /// How many events of each kind the stream had with it.
        let after: KindCounts
    }

    /// The next frame that is whole and not before `first`; nil at the end.
    mutating func next(from first: UInt64, _ pool: EventBatchPool) -> Frame? {
        while let (found, header) = file.nextHeader(from: offset, of: run) {
            let payload = found + MemoryLayout<SpoolFormat.FrameHeader>.size
            guard file.read(Int(header.length), at: payload, into: &area) else { return nil }
            let count = Int(header.length)
            let batch = area.withUnsafeBytes { bytes -> EventBatch? in
                let bytes = UnsafeRawBufferPointer(rebasing: bytes[..<count])
                guard SpoolFormat.checksum(bytes) == header.checksum else { return nil }
                return try? decoder.decode(bytes, withEvents: header.number >= first, from: pool)
            }
            guard let batch else {
                // Its length may be damaged as well: look for the next one right behind its header.
                offset = payload
                continue
            }
            offset = payload + count
            if header.number >= first { return Frame(number: header.number, batch: batch, after: header.counts) }
        }
        return nil
    }
}
