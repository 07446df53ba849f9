/// What a type of the kernel is, once its names and qualifiers are taken off.
public struct KernelType: Hashable, Sendable {
    /// What values of it are made of.
    public enum Shape: Hashable, Sendable {
        /// Nothing: what a function returns that returns nothing.
        case void
        /// A number, a character, a truth value or one of an enumeration.
        case number(isSigned: Bool)
        /// A pointer to the type with this number.
        case pointer(to: UInt32)
        /// So many of the type with this number.
        case array(of: UInt32, count: Int)
        /// A struct or union with members.
        case structure
        /// A struct or union that is named and not described.
        case incomplete
        /// Something else: a function, a floating-point number.
        case other
    }

    /// Its number among the types that it was found in.
    public let id: UInt32
    /// What values of it are made of.
    public let shape: Shape
    /// How many bytes a value has.
    public let bytes: Int
    /// Its name as C has it, such as `struct file *`.
    public let name: String
    /// The first of the names that stood for it, such as `size_t`; nil where none did.
    public let alias: String?
    /// Whether it is a single byte of text.
    public let isCharacter: Bool

    /// Whether it is a pointer.
    public var isPointer: Bool {
        if case .pointer = shape { return true }
        return false
    }

    /// Whether it is a number, and whether that has a sign; nil for everything else.
    public var isSignedNumber: Bool? {
        if case .number(let isSigned) = shape { return isSigned }
        return nil
    }
}
