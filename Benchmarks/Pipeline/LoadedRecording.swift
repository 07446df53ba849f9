import CWire
import Collector
import Model

/// All records of a recording, in memory.
///
/// Those of processes that ran already, and of the clock, come once, at the start of a run, and so are kept apart: what
/// is measured is the steady state after it.
struct LoadedRecording {
    let node: String
    private(set) var start = Records()
    private(set) var steady = Records()

    init(path: String, opensOnly: Bool) throws(RecordingError) {
        var reader = try RecordingReader(path: path)
        node = reader.node
        var start = Records()
        var steady = Records()
        while try reader.next({ record in
            switch EventKind(rawValue: record.loadUnaligned(fromByteOffset: 4, as: UInt16.self)) {
            case .snapshot, .clock: start.append(record)
            case .open: steady.append(record)
            default: if opensOnly { start.append(record) } else { steady.append(record) }
            }
        }) {}
        self.start = start
        self.steady = steady
    }
}

/// Records one behind the other, each at a multiple of 8.
struct Records {
    private var words: ContiguousArray<UInt64> = []
    private var places: ContiguousArray<(begin: Int, count: Int)> = []
    /// Bytes of all records together.
    private(set) var byteCount = 0

    var count: Int { places.count }

    mutating func append(_ record: UnsafeRawBufferPointer) {
        let begin = words.count * 8
        words.append(contentsOf: repeatElement(0, count: (record.count + 7) / 8))
        words.withUnsafeMutableBytes { bytes in
            UnsafeMutableRawBufferPointer(rebasing: bytes[begin...]).copyMemory(from: record)
        }
        places.append((begin, record.count))
        byteCount += record.count
    }

    /// Calls `body` with the records of a range, one by one.
    func forEach(in range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Void) {
        words.withUnsafeBytes { bytes in
            for place in places[range] {
                body(UnsafeRawBufferPointer(rebasing: bytes[place.begin..<place.begin + place.count]))
            }
        }
    }
}
