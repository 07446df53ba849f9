import Foundation

/// The names that a skeleton takes from its source file, and those it may give to what is inside.
struct SkeletonName {
    /// The source's file name, as `open.bpf.c`.
    let file: String
    /// The object's name, as `open`.
    let object: String
    /// The Swift type's name, as `OpenSkeleton`.
    let type: String

    init(file path: String) throws(ToolError) {
        file = URL(filePath: path).lastPathComponent
        var stem = file
        for suffix in [".c", ".o", ".bpf"] where stem.hasSuffix(suffix) {
            stem.removeLast(suffix.count)
        }
        guard let first = stem.first, first.isLetter, stem.allSatisfy(Self.isPlain) else {
            throw ToolError(
                problem: "its name makes no Swift name",
                remedy: "rename it to letters, digits, '_' and '-', starting with a letter, as in open.bpf.c"
            )
        }
        object = stem
        let words = stem.split { $0 == "_" || $0 == "-" }
        type = words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined() + "Skeleton"
    }

    private static func isPlain(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || character == "_" || character == "-")
    }
}

/// A C name as Swift source: in backticks if Swift reserves it, with `_` after it if even those do not help.
struct SwiftIdentifier: CustomStringConvertible {
    let description: String

    /// An identifier beside which the enclosing type has declared others by itself.
    init(_ name: String, besides taken: Set<String> = []) {
        let plain = name.replacing("$", with: "_").replacing(".", with: "_")
        if taken.contains(plain) || Self.unusable.contains(plain) {
            description = plain + "_"
        } else {
            description = Self.keywords.contains(plain) ? "`\(plain)`" : plain
        }
    }

    /// What means something else after a dot, backticks or not.
    private static let unusable: Set<String> = ["self", "Self", "Type", "Protocol", "init", "_"]

    private static let keywords: Set<String> = [
        "Any", "as", "associatedtype", "break", "case", "catch", "class", "continue", "default", "defer", "deinit",
        "do", "else", "enum", "extension", "fallthrough", "false", "fileprivate", "for", "func", "guard", "if",
        "import", "in", "inout", "internal", "is", "let", "nil", "operator", "precedencegroup", "private", "protocol",
        "public", "repeat", "rethrows", "return", "static", "struct", "subscript", "super", "switch", "throw",
        "throws", "true", "try", "typealias", "var", "where", "while",
    ]
}
