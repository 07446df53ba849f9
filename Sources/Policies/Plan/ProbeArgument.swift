/// An argument of a USDT probe: where it is when the probe is passed.
struct ProbeArgument: Equatable {
    /// Where its bytes are.
    enum Operand: Equatable {
        /// It is always this.
        case constant(Int64)
        case register(SavedRegister)
        /// In the program's memory, at the sum of all of these.
        case memory(Address)
    }

    /// An address in the program's memory.
    struct Address: Equatable {
        let base: SavedRegister
        /// A register that is added `1 << shift` times.
        var index: SavedRegister?
        var shift = 0
        var displacement: Int64 = 0
    }

    /// Why one cannot be read, in words that follow what it is called.
    struct Problem: Error, Equatable {
        let what: String
    }

    /// Its bytes: 1, 2, 4 or 8.
    let width: Int
    let isSigned: Bool
    let operand: Operand

    /// The arguments of a note, each as it is written there.
    static func split(_ text: String) -> [String] {
        var (arguments, depth) = ([""], 0)
        for character in text {
            switch character {
            case "(", "[": depth += 1
            case ")", "]": depth -= 1
            // Within an address there may be blanks.
            case " " where depth <= 0:
                arguments.append("")
                continue
            default: break
            }
            arguments[arguments.count - 1].append(character)
        }
        return arguments.filter { !$0.isEmpty }
    }

    /// Reads one, such as `-4@-20(%rbp)`, or `8@[sp, 16]` on arm64.
    init(_ text: String, _ machine: SystemCallTable.Machine) throws(Problem) {
        let parts = text.split(separator: "@", maxSplits: 1)
        guard parts.count == 2 else { throw Self.unknown(text) }
        guard !parts[0].hasSuffix("f") else { throw Problem(what: "is a floating-point number") }
        guard let size = Int(parts[0]), [1, 2, 4, 8].contains(size.magnitude) else {
            throw Problem(what: "is of '\(VisibleText.of(String(parts[0])))' bytes; numbers have 1, 2, 4 or 8")
        }
        (width, isSigned) = (Int(size.magnitude), size < 0)
        let operand = String(parts[1])
        self.operand =
            switch machine {
            case .x86_64: try Self.x86(operand)
            case .arm64: try Self.arm(operand)
            }
    }

    static func unknown(_ text: some StringProtocol) -> Problem {
        Problem(what: "is at '\(VisibleText.of(String(text)))', which cannot be read")
    }

    /// A constant in decimal, or in hexadecimal behind 0x.
    static func number(_ text: some StringProtocol) -> Int64? {
        let isNegative = text.hasPrefix("-")
        let digits = text.dropFirst(isNegative ? 1 : 0)
        guard digits.first?.isHexDigit == true else { return nil }
        let magnitude = digits.hasPrefix("0x") ? UInt64(digits.dropFirst(2), radix: 16) : UInt64(digits)
        return magnitude.map { Int64(bitPattern: isNegative ? 0 &- $0 : $0) }
    }
}
