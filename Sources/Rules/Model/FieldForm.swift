import Model

/// What can be asked of a field, by the type that the registry gives it.
enum FieldForm: Sendable {
    case text
    /// Any of its texts.
    case texts
    case number
    case boolean
    case address

    /// Nil: nothing can be asked of it.
    init?(_ field: Field) {
        // Made of the node's name when they are written.
        if field.name == "exec_id" || field.name == "parent_exec_id" { return nil }
        switch field.type {
        case "string", "base64": self = .text
        case "number", "number as string", "object": self = .number
        case "boolean": self = .boolean
        case "IP address": self = .address
        case "list of strings", "object of strings", "list of {Key, Value}": self = .texts
        default: return nil
        }
    }

    /// In words.
    var name: String {
        switch self {
        case .text: "a text"
        case .texts: "a list of texts"
        case .number: "a number"
        case .boolean: "true or false"
        case .address: "an address"
        }
    }
}

extension FieldValue {
    /// The number that it is.
    var asNumber: Int64? {
        switch self {
        case .number(let number): number
        case .large(let number): Int64(clamping: number)
        case .namespace(let inode, _): Int64(inode)
        case .octal(let number), .permissions(let number), .device(let number): Int64(number)
        case .signal(let number), .errno(let number): Int64(number)
        case .hexadecimal(let number): Int64(clamping: number)
        default: nil
        }
    }
}
