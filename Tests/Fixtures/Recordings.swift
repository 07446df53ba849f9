import Collector
import Formats
import Model

/// Recordings of batches, and what their replay says.
package enum Recordings {
    /// Batches of records that make sense together.
    package static let batches: [[[UInt8]]] = [
        Records.ofEachKind(),
        (0..<20).map { Records.open(Who(40, start: 4000), at: 6000 + $0, name: "file-\($0)") },
        [Records.clock(wall: 1_764_000_001_000_000_000, at: 7000), Records.exit(Who(40, start: 4000), at: 7001)],
    ]

    /// Records `batches` and returns what both formats made of them live.
    @discardableResult
    package static func write(
        _ batches: [[[UInt8]]] = batches,
        to path: String,
        node: String = "node-1",
        late: Bool = false
    ) throws -> (json: [UInt8], compact: [UInt8]) {
        let writer = try RecordingWriter(path: path, node: node)
        let pipeline = Pipeline(node: node)
        var text: (json: [UInt8], compact: [UInt8]) = ([], [])
        for records in batches {
            let batch = pipeline.batch(records, late: late)
            try writer.write(batch)
            text.json += pipeline.text(batch, .json)
            text.compact += pipeline.text(batch, .compact)
        }
        return text
    }

    /// What a replay came to: both texts, and the error at its end.
    package static func replay(_ path: String) -> (json: [UInt8], compact: [UInt8], error: RecordingError?) {
        var text: (json: [UInt8], compact: [UInt8], error: RecordingError?) = ([], [], nil)
        do throws(RecordingError) {
            var reader = try RecordingReader(path: path)
            let pipeline = Pipeline(node: reader.node)
            var more = true
            while more {
                var records: [[UInt8]] = []
                defer {
                    let batch = pipeline.batch(records)
                    text.json += pipeline.text(batch, .json)
                    text.compact += pipeline.text(batch, .compact)
                }
                more = try reader.next { records.append(Array($0)) }
            }
        } catch {
            text.error = error
        }
        return text
    }
}
