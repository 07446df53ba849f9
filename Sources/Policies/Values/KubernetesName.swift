/// What Kubernetes lets things be called.
package enum KubernetesName {
    /// Names of objects: parts like `isLabel`'s with dots between, at most 253 bytes (RFC 1123).
    package static func isSubdomain(_ text: String) -> Bool {
        text.utf8.count <= 253
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { isPart($0, longest: 253) }
    }

    /// Names of namespaces: small letters, digits and dashes inside, at most 63 bytes.
    package static func isLabel(_ text: String) -> Bool { isPart(text[...], longest: 63) }

    /// Keys of labels: a name, perhaps with a domain and a slash before it.
    package static func isKey(_ text: String) -> Bool {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.last, !name.isEmpty, isValue(String(name)) else { return false }
        return parts.count == 1 || isSubdomain(String(parts[0]))
    }

    /// Values of labels: nothing, or letters, digits, and inside also `-`, `_` and `.`, at most 63 bytes.
    package static func isValue(_ text: String) -> Bool {
        guard text.utf8.count <= 63 else { return false }
        guard let first = text.utf8.first, let last = text.utf8.last else { return true }
        return isLetterOrDigit(first) && isLetterOrDigit(last)
            && text.utf8.allSatisfy {
                isLetterOrDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".")
            }
    }

    private static func isPart(_ text: Substring, longest: Int) -> Bool {
        guard text.utf8.count <= longest, let first = text.utf8.first, let last = text.utf8.last else { return false }
        func isSmall(_ byte: UInt8) -> Bool {
            isLetterOrDigit(byte) && !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
        }
        return isSmall(first) && isSmall(last) && text.utf8.allSatisfy { isSmall($0) || $0 == UInt8(ascii: "-") }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
