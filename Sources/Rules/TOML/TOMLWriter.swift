/// Writes tables as TOML that reads as the same.
enum TOMLWriter {
    /// A line for each key; tables in it stand in braces.
    static func text(_ table: TOMLTable) -> String {
        table.entries.map { "\(key($0.key)) = \(value($0.node))\n" }.joined()
    }

    private static func value(_ node: TOMLNode) -> String {
        switch node.value {
        case .string(let text): quoted(text)
        case .integer(let number): "\(number)"
        case .float(let number): "\(number)"
        case .boolean(let value): "\(value)"
        case .moment(let text): text
        case .array(let nodes): "[\(nodes.map(value).joined(separator: ", "))]"
        case .table(let table):
            "{\(table.entries.map { "\(key($0.key)) = \(value($0.node))" }.joined(separator: ", "))}"
        }
    }

    private static func key(_ key: String) -> String {
        let isBare =
            !key.isEmpty && key.utf8.allSatisfy { RegularExpression.isWord($0) || $0 == UInt8(ascii: "-") }
        return isBare ? key : quoted(key)
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
