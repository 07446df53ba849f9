/// A shell's pattern (glob(7)) over bytes: `*` and `?` also match slashes, `[a-z]` and `[!a-z]` are sets, `\` takes the next byte
/// as it is.
///
/// Takes time by the length of the text times that of the pattern at most, whatever both are: the C library's fnmatch may take
/// for ever, and patterns come from whoever may ask.
package struct Glob: Sendable {
    private enum Part: Sendable, Equatable {
        case byte(UInt8)
        case any
        case anyNumber
        /// A bit for each byte.
        case set(SIMD4<UInt64>)

        func matches(_ byte: UInt8) -> Bool {
            switch self {
            case .byte(let own): own == byte
            case .any: true
            case .anyNumber: false
            case .set(let bits): bits[Int(byte >> 6)] & 1 << UInt64(byte & 63) != 0
            }
        }
    }

    private let parts: [Part]

    /// Reads a pattern.
    package init(_ text: String) {
        var parts: [Part] = []
        let bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "*"): if parts.last != .anyNumber { parts.append(.anyNumber) }
            case UInt8(ascii: "?"): parts.append(.any)
            case UInt8(ascii: "\\") where index < bytes.count:
                parts.append(.byte(bytes[index]))
                index += 1
            case UInt8(ascii: "["):
                if let (set, end) = Self.set(bytes, from: index) {
                    parts.append(.set(set))
                    index = end
                } else {
                    parts.append(.byte(byte))
                }
            default: parts.append(.byte(byte))
            }
        }
        self.parts = parts
    }

    /// The longest run of bytes that stands in everything it matches.
    package var literal: [UInt8] {
        var (best, run): ([UInt8], [UInt8]) = ([], [])
        for part in parts {
            if case .byte(let byte) = part { run.append(byte) } else { run = [] }
            if run.count > best.count { best = run }
        }
        return best
    }

    /// What everything it matches begins with.
    package var beginning: [UInt8] {
        var bytes: [UInt8] = []
        for part in parts {
            guard case .byte(let byte) = part else { break }
            bytes.append(byte)
        }
        return bytes
    }

    /// What stands behind `[`, and where it ends; nil when it does not.
    private static func set(_ bytes: [UInt8], from start: Int) -> (SIMD4<UInt64>, Int)? {
        var index = start
        var isNegated = false
        if index < bytes.count, bytes[index] == UInt8(ascii: "!") || bytes[index] == UInt8(ascii: "^") {
            isNegated = true
            index += 1
        }
        var bits = SIMD4<UInt64>()
        let first = index
        while index < bytes.count {
            var low = bytes[index]
            // A bracket in the first place is one of the set.
            if low == UInt8(ascii: "]"), index > first { return (isNegated ? ~bits : bits, index + 1) }
            if low == UInt8(ascii: "\\"), index + 1 < bytes.count {
                index += 1
                low = bytes[index]
            }
            index += 1
            var high = low
            if index + 1 < bytes.count, bytes[index] == UInt8(ascii: "-"), bytes[index + 1] != UInt8(ascii: "]") {
                high = bytes[index + 1]
                index += 2
            }
            if low <= high { for byte in low...high { bits[Int(byte >> 6)] |= 1 << UInt64(byte & 63) } }
        }
        return nil
    }

    /// Whether it matches all of `text`. Allocates nothing.
    package func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        parts.withUnsafeBufferPointer { parts in
            var (part, byte) = (0, 0)
            // Where to go on when what follows the last `*` does not match: earlier ones need not be tried again.
            var (star, mark) = (-1, 0)
            while byte < text.count {
                if part < parts.count, parts[part] == .anyNumber {
                    (star, mark) = (part, byte)
                    part += 1
                } else if part < parts.count, parts[part].matches(text[byte]) {
                    part += 1
                    byte += 1
                } else if star >= 0 {
                    mark += 1
                    (part, byte) = (star + 1, mark)
                } else {
                    return false
                }
            }
            while part < parts.count, parts[part] == .anyNumber { part += 1 }
            return part == parts.count
        }
    }
}
