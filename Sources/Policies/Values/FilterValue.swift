import UserInput

/// What a filter compares with.
package enum FilterValue: Sendable, Equatable {
    case text(String)
    case numbers(ClosedRange<Int128>)
    case mask(UInt64)
    case addresses(AddressPrefix)
    case ports(ClosedRange<UInt16>)
    /// Of protocols, families or states of sockets.
    case codes(ClosedRange<UInt16>)
    /// The numbers of a list's system calls.
    case list(String)
    case file(FileKind)
    case expression(FilterExpression)

    /// Reads a value for an operator on an argument of a type.
    package init(
        _ text: String,
        _ comparison: FilterOperator,
        _ type: ArgumentType
    ) throws(FilterValueError) {
        switch comparison {
        case .equal, .notEqual: self = try Self.equal(text, type)
        case .prefix, .notPrefix, .postfix, .notPostfix:
            self = try Self.text(text, upTo: PolicyLimits.affixBytes, type)
        case .substring, .substringIgnoringCase: self = try Self.text(text, upTo: PolicyLimits.affixBytes, type)
        case .greaterThan, .lessThan: self = try Self.number(text, type)
        case .inRange, .notInRange: self = try Self.range(text, type)
        case .inMap, .notInMap: self = try Self.mapped(text, type)
        case .mask: self = type.isCapabilitySet ? try Self.capabilities(text) : try Self.bits(text, type)
        case .sourcePort, .notSourcePort, .destinationPort, .notDestinationPort:
            guard
                let range = PlainNumber.range(
                    text,
                    { PlainNumber.decimal($0).flatMap { UInt16(exactly: $0) } }
                )
            else { throw FilterValueError(text, "a port from 0 to 65535, or a range such as 8000:8099") }
            guard range.first <= range.last else { throw FilterValueError.reversed(text) }
            self = .ports(range.first...range.last)
        case .sourceAddress, .notSourceAddress, .destinationAddress, .notDestinationAddress:
            guard let prefix = AddressPrefix(text) else {
                throw FilterValueError(text, "an IP address or a range such as 10.0.0.0/8 or fd00::/8")
            }
            self = .addresses(prefix)
        case .networkProtocol: self = try Self.code(text, NetworkNames.protocols, "a protocol", "IPPROTO_TCP")
        case .family: self = try Self.code(text, NetworkNames.families, "a family of addresses", "AF_INET")
        case .state: self = try Self.code(text, NetworkNames.states, "a state of TCP", "TCP_LISTEN")
        case .fileType, .notFileType:
            guard let kind = FileKind.names[text] else {
                throw FilterValueError(text, "a kind of file: \(FileKind.names.keys.sorted().joined(separator: ", "))")
            }
            self = .file(kind)
        case .expression: self = .expression(try FilterExpression(text))
        case .sourcePortPrivileged, .notSourcePortPrivileged, .destinationPortPrivileged,
            .notDestinationPortPrivileged, .capabilitiesGained:
            self = .text(text)
        }
    }

    private static func equal(_ text: String, _ type: ArgumentType) throws(FilterValueError) -> FilterValue {
        if type.isCapabilitySet { return try capabilities(text) }
        return type.numbers == nil ? try self.text(text, upTo: PolicyLimits.textBytes, type) : try number(text, type)
    }

    private static func text(_ text: String, upTo limit: Int, _ type: ArgumentType) throws(FilterValueError)
        -> FilterValue
    {
        guard text.utf8.count <= limit else {
            throw FilterValueError("has \(text.utf8.count) bytes; at most \(limit) are compared")
        }
        // All but bytes end there.
        guard type == .charBuffer || type == .automatic || !text.utf8.contains(0) else {
            throw FilterValueError("has a NUL, where texts end: it would never match; take it out")
        }
        return .text(text)
    }

    private static func number(_ text: String, _ type: ArgumentType) throws(FilterValueError) -> FilterValue {
        guard let allowed = type.numbers else { return .text(text) }
        if type == .capability, let number = Capability.number(text) {
            return .numbers(Int128(number)...Int128(number))
        }
        guard let number = PlainNumber.number(text), allowed.contains(number) else {
            throw FilterValueError(text, numberWords(type, allowed))
        }
        return .numbers(number...number)
    }

    private static func range(_ text: String, _ type: ArgumentType) throws(FilterValueError) -> FilterValue {
        let allowed = type.numbers ?? Int128(Int64.min)...Int128(UInt64.max)
        guard let range = PlainNumber.range(text, { PlainNumber.number($0) }), allowed.contains(range.first),
            allowed.contains(range.last), text.contains(":")
        else { throw FilterValueError(text, "a range min:max of numbers from \(words(allowed))") }
        guard range.first <= range.last else { throw FilterValueError.reversed(text) }
        return .numbers(range.first...range.last)
    }

    /// In base 10 alone, and either way round, as other agents take it.
    private static func mapped(_ text: String, _ type: ArgumentType) throws(FilterValueError) -> FilterValue {
        if text.hasPrefix("list:") { return .list(String(text.dropFirst(5))) }
        let allowed = type.numbers ?? Int128(Int64.min)...Int128(UInt64.max)
        func read(_ text: Substring) -> Int128? {
            let isNegative = text.first == "-"
            return PlainNumber.decimal(isNegative ? text.dropFirst() : text).map {
                isNegative ? -Int128($0) : Int128($0)
            }
        }
        guard let range = PlainNumber.range(text, read), allowed.contains(range.first), allowed.contains(range.last)
        else {
            throw FilterValueError(text, "a number or range min:max from \(words(allowed)) in base 10, or list:NAME")
        }
        return .numbers(min(range.first, range.last)...max(range.first, range.last))
    }

    private static func bits(_ text: String, _ type: ArgumentType) throws(FilterValueError) -> FilterValue {
        let allowed = type.numbers ?? Int128(Int64.min)...Int128(UInt64.max)
        // A mask is bits: those of a negative number may as well be written as a large one.
        let bits = allowed.lowerBound < 0 ? allowed.lowerBound...(allowed.upperBound - allowed.lowerBound) : allowed
        guard let number = PlainNumber.number(text), bits.contains(number) else {
            throw FilterValueError(text, numberWords(type, bits))
        }
        return .mask(UInt64(truncatingIfNeeded: number))
    }

    private static func capabilities(_ text: String) throws(FilterValueError) -> FilterValue {
        if let number = PlainNumber.number(text) {
            guard let mask = UInt64(exactly: number) else {
                throw FilterValueError(text, "a mask of 64 bits, or names such as CAP_NET_RAW,CAP_SYS_ADMIN")
            }
            return .mask(mask)
        }
        var mask: UInt64 = 0
        for name in text.split(separator: ",", omittingEmptySubsequences: false) {
            let name = name.drop { $0 == " " }
            guard let number = Capability.number(name) else {
                throw FilterValueError(
                    String(name),
                    Capability.nearest(String(name)).map { "a capability; did you mean \($0)?" }
                        ?? "a capability, such as CAP_SYS_ADMIN"
                )
            }
            mask |= 1 << UInt64(number)
        }
        return .mask(mask)
    }

    private static func code(_ text: String, _ names: [String: UInt16], _ what: String, _ example: String)
        throws(FilterValueError) -> FilterValue
    {
        if let number = names[text] { return .codes(number...number) }
        guard let range = PlainNumber.range(text, { PlainNumber.number($0).flatMap { UInt16(exactly: $0) } }) else {
            let nearest = NearestName.of(text, among: names.keys.sorted())
            throw FilterValueError(
                text,
                nearest.map { "\(what); did you mean \($0)?" } ?? "\(what), such as \(example), or its number"
            )
        }
        guard range.first <= range.last else { throw FilterValueError.reversed(text) }
        return .codes(range.first...range.last)
    }

    private static func words(_ numbers: ClosedRange<Int128>) -> String {
        "\(numbers.lowerBound) to \(numbers.upperBound)"
    }

    private static func numberWords(_ type: ArgumentType, _ numbers: ClosedRange<Int128>) -> String {
        type == .capability
            ? "a capability, such as CAP_SYS_ADMIN, or its number"
            : "a number from \(words(numbers)), as \(type.rawValue) has them"
    }
}

/// Why a value cannot be compared with.
package struct FilterValueError: Error, Equatable {
    /// In words.
    package let what: String

    init(_ what: String) { self.what = what }

    init(_ text: String, _ expected: String) { what = "'\(VisibleText.of(text))' is not \(expected)" }

    static func reversed(_ text: String) -> FilterValueError {
        FilterValueError("'\(VisibleText.of(text))' begins above its end: turn it round")
    }
}
