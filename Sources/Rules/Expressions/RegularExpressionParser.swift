/// Reads a regular expression: the usual signs, as far as they can be had in one pass over a text.
struct RegularExpressionParser {
    private let bytes: [UInt8]
    private var index = 0
    private var ignoresCase = false
    private var depth = 0

    private static let mostRepetitions = 1000
    private static let deepest = 50

    init(_ text: String) { bytes = Array(text.utf8) }

    mutating func parse() throws(RegularExpressionError) -> RegularExpressionNode {
        if bytes.starts(with: Array("(?i)".utf8)) {
            ignoresCase = true
            index = 4
        }
        let node = try choice()
        guard index == bytes.count else { throw RegularExpressionError("there is a ) without its (") }
        return node
    }

    private mutating func choice() throws(RegularExpressionError) -> RegularExpressionNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else {
            throw RegularExpressionError("more than \(Self.deepest) groups in each other")
        }
        var choices = [try sequence()]
        while take("|") { choices.append(try sequence()) }
        return choices.count == 1 ? choices[0] : .choice(choices)
    }

    private mutating func sequence() throws(RegularExpressionError) -> RegularExpressionNode {
        var nodes: [RegularExpressionNode] = []
        while let byte = peek, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
            let node = try atom()
            nodes.append(try repeated(node))
        }
        return .sequence(nodes)
    }

    private mutating func repeated(_ node: RegularExpressionNode) throws(RegularExpressionError)
        -> RegularExpressionNode
    {
        let begin = index
        let result: RegularExpressionNode
        switch peek {
        case UInt8(ascii: "*"): result = .repetition(node, 0...0, isOpen: true)
        case UInt8(ascii: "+"): result = .repetition(node, 1...1, isOpen: true)
        case UInt8(ascii: "?"): result = .repetition(node, 0...1, isOpen: false)
        case UInt8(ascii: "{"):
            guard let counted = try counted(node) else { return node }
            result = counted
        default: return node
        }
        if index == begin { index += 1 }
        // Whether as much or as little as can be is taken first makes no difference to whether it is found.
        _ = take("?")
        if let byte = peek, byte == UInt8(ascii: "*") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "{") {
            throw RegularExpressionError("\(String(UnicodeScalar(byte))) stands behind another repetition")
        }
        return result
    }

    /// `{3}`, `{3,}`, `{3,5}`; nil: the brace stands for itself.
    private mutating func counted(
        _ node: RegularExpressionNode
    ) throws(RegularExpressionError) -> RegularExpressionNode? {
        // What does not begin like numbers stands for itself, such as a template's braces.
        let next = index + 1 < bytes.count ? bytes[index + 1] : 0
        guard next == UInt8(ascii: ",") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next) else { return nil }
        let fault = RegularExpressionError("a repetition is {3}, {3,} or {3,5}; write \\{ for the sign itself")
        guard let end = bytes[index...].firstIndex(of: UInt8(ascii: "}")) else { throw fault }
        let parts = String(decoding: bytes[index + 1..<end], as: UTF8.self)
            .split(separator: ",", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let low = Int(parts[0]) else { throw fault }
        let isOpen = parts.count == 2 && parts[1].isEmpty
        guard let high = parts.count == 1 || isOpen ? low : Int(parts[1]) else { throw fault }
        guard low <= high, high <= Self.mostRepetitions else {
            throw RegularExpressionError(
                "{\(low),\(high)}: at most \(Self.mostRepetitions), and the smaller number first"
            )
        }
        index = end + 1
        return .repetition(node, low...high, isOpen: isOpen)
    }

    private mutating func atom() throws(RegularExpressionError) -> RegularExpressionNode {
        let byte = bytes[index]
        index += 1
        switch byte {
        case UInt8(ascii: "."): return .set(~SIMD4<UInt64>())
        case UInt8(ascii: "^"): return .begin
        case UInt8(ascii: "$"): return .end
        case UInt8(ascii: "("): return try group()
        case UInt8(ascii: "["): return .set(try bracket())
        case UInt8(ascii: "\\"): return try escape()
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"):
            throw RegularExpressionError(
                "\(String(UnicodeScalar(byte))) has nothing before it to repeat; write \\\(String(UnicodeScalar(byte))) for the sign itself"
            )
        case 0xc0...:
            // All bytes of a character are repeated together.
            var nodes = [RegularExpressionNode.set(Self.bits(byte))]
            while let next = peek, next & 0xc0 == 0x80 {
                nodes.append(.set(Self.bits(next)))
                index += 1
            }
            return .sequence(nodes)
        default: return .set(folded(byte))
        }
    }

    private mutating func group() throws(RegularExpressionError) -> RegularExpressionNode {
        if take("?") {
            guard take(":") else {
                throw RegularExpressionError(
                    "of groups that begin with (? there are (?:…), and (?i) in front of everything: no look-around, no names"
                )
            }
        }
        let node = try choice()
        guard take(")") else { throw RegularExpressionError("there is a ( without its )") }
        return node
    }

    private mutating func escape() throws(RegularExpressionError) -> RegularExpressionNode {
        guard let byte = peek else { throw RegularExpressionError("it ends in a backslash") }
        switch byte {
        case UInt8(ascii: "b"), UInt8(ascii: "B"):
            index += 1
            return .wordBoundary(byte == UInt8(ascii: "b"))
        case UInt8(ascii: "1")...UInt8(ascii: "9"):
            throw RegularExpressionError("\\\(byte - 48): there are no back-references")
        default: return .set(try escapedSet())
        }
    }

    /// What stands behind a backslash, also between brackets.
    private mutating func escapedSet() throws(RegularExpressionError) -> SIMD4<UInt64> {
        guard let byte = peek else { throw RegularExpressionError("it ends in a backslash") }
        index += 1
        switch byte {
        case UInt8(ascii: "d"): return Self.digits
        case UInt8(ascii: "D"): return ~Self.digits
        case UInt8(ascii: "w"): return Self.word
        case UInt8(ascii: "W"): return ~Self.word
        case UInt8(ascii: "s"): return Self.space
        case UInt8(ascii: "S"): return ~Self.space
        case UInt8(ascii: "n"): return Self.bits(10)
        case UInt8(ascii: "r"): return Self.bits(13)
        case UInt8(ascii: "t"): return Self.bits(9)
        case UInt8(ascii: "x"):
            let digits = String(decoding: bytes[index..<min(index + 2, bytes.count)], as: UTF8.self)
            guard digits.count == 2, let value = UInt8(digits, radix: 16) else {
                throw RegularExpressionError("\\x: two hexadecimal digits are expected")
            }
            index += 2
            return Self.bits(value)
        case _ where RegularExpression.isWord(byte):
            throw RegularExpressionError("\\\(String(UnicodeScalar(byte))): there is no such sign")
        case 0x80...: throw RegularExpressionError("a backslash stands before a letter that needs none")
        default: return Self.bits(byte)
        }
    }

    private mutating func bracket() throws(RegularExpressionError) -> SIMD4<UInt64> {
        let isNegated = take("^")
        var bits = SIMD4<UInt64>()
        let first = index
        while let byte = peek {
            if byte == UInt8(ascii: "]"), index > first {
                index += 1
                return isNegated ? ~bits : bits
            }
            guard byte < 0x80 else { throw RegularExpressionError("[…] takes ASCII only: write (ä|ö)") }
            if byte == UInt8(ascii: "["), bytes.indices.contains(index + 1), bytes[index + 1] == UInt8(ascii: ":") {
                throw RegularExpressionError("[[:…:]]: write \\d, \\w or \\s, or the letters themselves")
            }
            index += 1
            var low = Self.bits(byte)
            if byte == UInt8(ascii: "\\") { low = try escapedSet() }
            guard peek == UInt8(ascii: "-"), bytes.indices.contains(index + 1), bytes[index + 1] != UInt8(ascii: "]")
            else {
                bits |= fold(low)
                continue
            }
            index += 1
            bits |= fold(try range(from: low))
        }
        throw RegularExpressionError("there is a [ without its ]")
    }

    /// The bytes from one to another, which stands here.
    private mutating func range(from low: SIMD4<UInt64>) throws(RegularExpressionError) -> SIMD4<UInt64> {
        let byte = bytes[index]
        index += 1
        var high = Self.bits(byte)
        if byte == UInt8(ascii: "\\") { high = try escapedSet() }
        guard byte < 0x80, let first = Self.only(low), let last = Self.only(high), first <= last else {
            throw RegularExpressionError("a range in […] goes from one letter to a later one")
        }
        return (first...last).reduce(into: SIMD4<UInt64>()) { $0 |= Self.bits($1) }
    }

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func take(_ sign: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: sign) else { return false }
        index += 1
        return true
    }

    private func folded(_ byte: UInt8) -> SIMD4<UInt64> { fold(Self.bits(byte)) }

    /// With the other case of each letter, where case is no matter.
    private func fold(_ bits: SIMD4<UInt64>) -> SIMD4<UInt64> {
        guard ignoresCase else { return bits }
        let letters: UInt64 = 0x07ff_fffe
        var bits = bits
        let both = (bits[1] | bits[1] >> 32) & letters
        bits[1] |= both | both << 32
        return bits
    }

    private static func bits(_ byte: UInt8) -> SIMD4<UInt64> {
        var bits = SIMD4<UInt64>()
        bits[Int(byte >> 6)] = 1 << UInt64(byte & 63)
        return bits
    }

    private static func only(_ bits: SIMD4<UInt64>) -> UInt8? {
        let bytes = (UInt8.min...UInt8.max).filter { bits[Int($0 >> 6)] & 1 << UInt64($0 & 63) != 0 }
        return bytes.count == 1 ? bytes[0] : nil
    }

    private static let digits = set("0123456789")
    private static let space = set(" \t\n\r\u{b}\u{c}")
    private static let word = (UInt8.min...UInt8.max).filter(RegularExpression.isWord).reduce(into: SIMD4<UInt64>()) {
        $0 |= bits($1)
    }

    private static func set(_ text: String) -> SIMD4<UInt64> {
        text.utf8.reduce(into: SIMD4<UInt64>()) { $0 |= bits($1) }
    }
}
