import CWire
import Fixtures
import Formats
import Foundation
import Model
import Testing

/// What becomes of one value of an event.
enum Texts {
    static let who = Who(7, start: 70)

    /// The event of an open as JSON has it.
    static func open(_ change: (inout RecordBytes<mt_open>) -> Void) throws -> JSON {
        try #require(try Pipeline().json([Records.open(who, at: 1, change)]).first).process_file
    }

    /// A name of any bytes, as the raw line has it between its quotes, and as the whole event.
    static func name(_ bytes: [UInt8]) throws -> (raw: [UInt8], event: JSON) {
        let pipeline = Pipeline()
        let batch = pipeline.batch([Records.open(who, at: 1) { $0.body.name = $0.text(bytes) }])
        let line = Data(pipeline.text(batch, .json))
        let begin = try #require(line.range(of: Data(#","name":""#.utf8))).upperBound
        let end = try #require(line.range(of: Data(#"","path":"#.utf8))).lowerBound
        return (Array(line[begin..<end]), try JSON(parsing: String(decoding: line, as: UTF8.self)).process_file)
    }
}
