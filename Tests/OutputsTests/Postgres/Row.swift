import Foundation
import PostgresLink

/// A row as PostgreSQL would take it, with its columns by name.
struct Row: CustomStringConvertible {
    private let relation: PostgresRelation
    /// Nil is NULL.
    private let columns: [[UInt8]?]

    /// The rows of a message; an odd one ends the process, as it would the transaction.
    static func all(_ relation: PostgresRelation, _ bytes: [UInt8]) -> [Row] {
        switch relation.form {
        case .binary:
            var rows: [Row] = []
            var rest = bytes[...]
            func number<Number: FixedWidthInteger>(_: Number.Type) -> Number {
                let size = MemoryLayout<Number>.size
                defer { rest = rest.dropFirst(size) }
                return rest.prefix(size).reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
            }
            while !rest.isEmpty {
                let count = Int(number(Int16.self))
                precondition(count == relation.columns.count)
                let columns = (0..<count).map { _ -> [UInt8]? in
                    let length = number(Int32.self)
                    if length < 0 { return nil }
                    precondition(rest.count >= Int(length))
                    defer { rest = rest.dropFirst(Int(length)) }
                    return Array(rest.prefix(Int(length)))
                }
                rows.append(Row(relation: relation, columns: columns))
            }
            return rows
        case .text:
            precondition(bytes.last == UInt8(ascii: "\n"))
            return bytes.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
                let columns = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
                precondition(columns.count == relation.columns.count)
                return Row(relation: relation, columns: columns.map(Self.unescaped))
            }
        }
    }

    private static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        if text.elementsEqual(#"\N"#.utf8) { return nil }
        var result: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let next = rest.popFirst() else {
                result.append(byte)
                continue
            }
            let controls: [UInt8: UInt8] = [
                UInt8(ascii: "t"): 9, UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13,
            ]
            result.append(controls[next] ?? next)
        }
        return result
    }

    subscript(_ name: String) -> [UInt8]? {
        columns[relation.columns.firstIndex { $0.name == name }!]
    }

    /// A column of text; what is no UTF-8 or has a NUL, PostgreSQL would refuse.
    func text(_ name: String) -> String? {
        self[name].map { bytes in
            precondition(!bytes.contains(0))
            return String(validating: bytes, as: UTF8.self)!
        }
    }

    /// A number, in the width of its type.
    func number(_ name: String) -> Int64? {
        self[name].map { bytes in
            let type = relation.columns.first { $0.name == name }!.type
            let width = ["bigint": 8, "timestamptz": 8, "integer": 4, "date": 4, "boolean": 1][type]
            precondition(bytes.count == width)
            let bits = bytes.reduce(0) { $0 << 8 | UInt64($1) }
            return bytes.count == 4 ? Int64(Int32(truncatingIfNeeded: bits)) : Int64(bitPattern: bits)
        }
    }

    /// A jsonb: its version, then text.
    func json(_ name: String) -> String? {
        self[name].map { bytes in
            precondition(bytes.first == 1)
            return String(validating: bytes.dropFirst(), as: UTF8.self)!
        }
    }

    /// An inet: family, bits, whether it is a network, length, bytes.
    func address(_ name: String) -> String? {
        self[name].map { bytes in
            precondition(bytes[2] == 0 && Int(bytes[3]) == bytes.count - 4 && Int(bytes[1]) == 8 * (bytes.count - 4))
            precondition(bytes[0] == (bytes.count == 8 ? 2 : 3))
            let family = bytes.count == 8 ? AF_INET : AF_INET6
            var text = [CChar](repeating: 0, count: 64)
            precondition(inet_ntop(family, Array(bytes[4...]), &text, 64) != nil)
            return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    /// All columns in order, each in the words of its type; `-` is NULL.
    var description: String {
        relation.columns.map { column in
            let value: String? =
                switch column.type {
                case "text", "TEXT", "TIMESTAMP", "BIGINT", "INTEGER", "INET": text(column.name)
                case "inet": address(column.name)
                case "jsonb": json(column.name)
                case "uuid": self[column.name].map { $0.map { String($0, radix: 16) }.joined(separator: ".") }
                default: number(column.name).map { "\($0)" }
                }
            return value ?? "-"
        }.joined(separator: " | ")
    }
}
