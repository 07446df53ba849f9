/// What names of the kernel look like.
package enum KernelName {
    /// A member, a type, a macro.
    package static func isIdentifier(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, !isDigit(first) else { return false }
        return text.utf8.allSatisfy(isOfWord)
    }

    /// A function; compilers put dots and words behind the names of parts that they split off.
    package static func isSymbol(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, !isDigit(first), text.utf8.count <= 512 else { return false }
        return text.utf8.allSatisfy { isOfWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "$") }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
        default: isDigit(byte)
        }
    }
}
