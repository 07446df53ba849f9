import CWire
import Model

/// Opens of more processes than there are rings: each process writes to one ring, each ring is of several.
///
/// Made of one open of a recording and the execution of who did it, which are copied and told to be others'.
final class SimulatedLoad {
    static let processesPerRing = 4

    /// What the processes run: to be taken in first.
    private(set) var executions = Records()
    /// The opens, in the order of their time.
    private(set) var entries: [SimulatedRings.Entry] = []
    private let area: UnsafeMutableRawBufferPointer
    /// From one open to the next, in bytes.
    private let stride: Int
    /// When the last open was made.
    private var time: UInt64

    /// What a ring takes for all of them.
    var byteCount: Int { entries.count * (stride + 8) }

    /// - Parameter run: how many opens a ring gets before it is the next one's turn: with 1 there is most to merge.
    init(_ recording: LoadedRecording, rings: Int, count: Int, run: Int) throws(Failure) {
        guard var open = recording.steady.first(from: recording.steady.count / 2, where: { _ in true }),
            var execution = recording.start.first(
                from: 0,
                where: { Self.header($0).tgid == Self.header(open).tgid && $0.count >= MemoryLayout<mt_process>.size }
            )
        else { throw Failure() }
        stride = (open.count + 7) & ~7
        area = .allocate(byteCount: count * stride, alignment: 8)
        time = Self.header(open).time
        let tgid = Self.header(open).tgid
        for process in 0..<rings * Self.processesPerRing {
            Self.set(\.tgid, tgid + UInt32(process) << 16, in: &execution)
            execution.withUnsafeBytes { executions.append($0) }
        }
        for index in 0..<count {
            let (turn, ring) = (index / run / rings, index / run % rings)
            let process = ring * Self.processesPerRing + turn % Self.processesPerRing
            Self.set(\.tgid, tgid + UInt32(process) << 16, in: &open)
            let place = UnsafeMutableRawBufferPointer(rebasing: area[index * stride..<(index + 1) * stride])
            place.copyBytes(from: open)
            let address = UInt64(UInt(bitPattern: place.baseAddress))
            entries.append(.init(ring: UInt32(ring), length: UInt32(open.count), record: address))
        }
    }

    deinit { area.deallocate() }

    /// Gives the opens times after all that there were, so many ns apart, and returns the first.
    @discardableResult
    func stamp(gap: UInt64) -> UInt64 {
        let first = time + gap
        let offset = MemoryLayout<mt_header>.offset(of: \.time) ?? 0
        for index in entries.indices {
            time += gap
            area.storeBytes(of: time, toByteOffset: index * stride + offset, as: UInt64.self)
        }
        return first
    }

    struct Failure: Error, CustomStringConvertible {
        let description = "the recording has no open of a process whose start it has"
    }

    private static func header(_ record: [UInt8]) -> mt_header {
        record.withUnsafeBytes { $0.loadUnaligned(as: mt_header.self) }
    }

    private static func set<Value: BitwiseCopyable>(
        _ field: KeyPath<mt_header, Value>,
        _ value: Value,
        in record: inout [UInt8]
    ) {
        let offset = MemoryLayout<mt_header>.offset(of: field) ?? 0
        record.withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: offset, as: Value.self) }
    }
}

extension Records {
    /// A copy of the first record from `begin` on that is wanted.
    fileprivate func first(from begin: Int, where isWanted: ([UInt8]) -> Bool) -> [UInt8]? {
        for index in begin..<count {
            var found: [UInt8]?
            forEach(in: index..<index + 1) { record in
                let bytes = Array(record)
                if isWanted(bytes) { found = bytes }
            }
            if let found { return found }
        }
        return nil
    }
}
