import Collector
import Formats
import Foundation
import Model

/// Records in, events and their text out: the real way, without rings.
package final class Pipeline {
    package let pool = EventBatchPool()
    private var builder: EventBuilder
    private let node: String

    package init(node: String = "node-1") {
        self.node = node
        builder = EventBuilder(node: node)
    }

    package var refused: UInt64 { builder.refused }
    package var late: UInt64 { builder.late }
    package var built: KindCounts { builder.built }
    package var processCount: Int { builder.processCount }
    package var containerCount: Int { builder.containerCount }

    /// A batch of these records' events.
    package func batch(_ records: [[UInt8]], late: Bool = false) -> EventBatch {
        let batch = pool.take()
        for record in records { record.withUnsafeBytes { builder.accept($0, late: late, into: batch) } }
        return batch
    }

    /// The text of a batch in a format.
    package func text(_ batch: EventBatch, _ format: EventFormat, colored: Bool = false) -> [UInt8] {
        var writer = format.makeWriter(node: node, colored: colored)
        var text: [UInt8] = []
        writer.write(batch) { piece, _ in
            text += piece
            return true
        }
        return text
    }

    /// The lines that these records become.
    package func compact(_ records: [[UInt8]], colored: Bool = false) -> [String] {
        Self.lines(text(batch(records), .compact, colored: colored))
    }

    /// The JSON objects that these records become; each line must parse.
    package func json(_ records: [[UInt8]]) throws -> [JSON] {
        try Self.lines(text(batch(records), .json)).map(JSON.init(parsing:))
    }

    package static func lines(_ text: [UInt8]) -> [String] {
        text.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// A piece of parsed JSON, by keys.
@dynamicMemberLookup
package struct JSON: CustomStringConvertible {
    package let value: Any?

    init(_ value: Any?) { self.value = value }

    package init(parsing line: String) throws {
        value = try JSONSerialization.jsonObject(with: Data(line.utf8))
    }

    package subscript(dynamicMember key: String) -> JSON { self[key] }
    package subscript(_ key: String) -> JSON { JSON((value as? [String: Any])?[key]) }
    package var text: String? { value as? String }
    package var number: Int64? { (value as? NSNumber)?.int64Value }
    package var boolean: Bool? { value as? Bool }
    package var texts: [String]? { value as? [String] }
    package var list: [JSON] { (value as? [Any])?.map { JSON($0) } ?? [] }
    package var keys: Set<String> { Set((value as? [String: Any])?.keys.map(\.self) ?? []) }
    package var isAbsent: Bool { value == nil }
    package var description: String { value.map { "\($0)" } ?? "absent" }
}
