import UserInput

/// A value of a TOML document, and where it stands.
package struct TOMLNode: Sendable {
    package indirect enum Value: Sendable {
        case string(String)
        case integer(Int64)
        case float(Double)
        case boolean(Bool)
        /// A date, a time, or both, as written.
        case moment(String)
        case array([TOMLNode])
        case table(TOMLTable)
    }

    package let value: Value
    package let place: InputPlace

    /// What it is, in words.
    package var type: String {
        switch value {
        case .string: "a string"
        case .integer: "a number"
        case .float: "a decimal number"
        case .boolean: "true or false"
        case .moment: "a date or time"
        case .array: "a list"
        case .table: "a table"
        }
    }
}

/// Keys and their values, in the order of the document.
package struct TOMLTable: Sendable {
    package struct Entry: Sendable {
        package let key: String
        /// Where the key stands.
        package let place: InputPlace
        package let node: TOMLNode
    }

    package let entries: [Entry]

    /// The value of a key, as it is written.
    package subscript(key: String) -> TOMLNode? { entries.first { $0.key == key }?.node }
}

/// Why a text is no TOML.
package struct TOMLError: Error {
    package let place: InputPlace
    package let what: String
}
