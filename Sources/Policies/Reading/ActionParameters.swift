import UserInput

/// What an action may be given; each action takes its own, and what nobody took has no effect.
struct ActionParameters {
    /// A parameter by its name in the policy.
    struct Parameter<Value: Sendable> {
        let name: String
        var value: Placed<Value>?
        /// Whether something is there that could not be read, and was told.
        let isWrong: Bool

        init(_ name: String, _ value: Placed<Value>?, _ fields: FieldReader) {
            self.name = name
            self.value = value
            isWrong = value == nil && fields.isGiven(name)
        }
    }

    var error: Parameter<Int32>
    var signal: Parameter<Int32>
    var url: Parameter<String>
    var domain: Parameter<String>
    var socket: Parameter<Int>
    var index: Parameter<Int>
    var number: Parameter<UInt32>
    var newSymbol: Parameter<String>
    var newAddress: Parameter<UInt64>
    var newOffset: Parameter<UInt64>
    var registers: Parameter<[RegisterChange]>
    private var rateLimit: Parameter<UInt32>
    private var rateScope: Parameter<PolicyAction.RateLimit.Scope>
    private var kernelStack: Parameter<Bool>
    private var userStack: Parameter<Bool>
    private var hash: Parameter<Bool>

    init(_ fields: inout FieldReader) {
        func number<Value: FixedWidthInteger>(_ name: String, _ range: ClosedRange<Int128>) -> Parameter<Value> {
            let value = fields.integer(name, range)?.map { Value(truncatingIfNeeded: $0) }
            return Parameter(name, value, fields)
        }
        // What a function returns as an error; 0 is none.
        error = number("argError", -4095...0)
        signal = number("argSig", 1...64)
        socket = number("argSock", 0...Int128(PolicyLimits.fieldIndex))
        index = number("argIndex", 0...Int128(PolicyLimits.argumentIndex))
        self.number = number("argValue", 0...Int128(UInt32.max))
        newAddress = number("argNewAddr", 0...Int128(UInt64.max))
        newOffset = number("argNewOffset", 0...Int128(UInt64.max))
        url = Self.text("argUrl", &fields, "an address such as https://example.org/x", Self.isURL)
        domain = Self.text("argFqdn", &fields, "a name such as example.org", Self.isDomain)
        newSymbol = Self.text("argNewSymbol", &fields, "a symbol") { !$0.isEmpty && !$0.utf8.contains(0) }
        registers = Self.registers(&fields)
        let limit = fields.text("rateLimit")
        let seconds = limit.flatMap { text in Self.seconds(text.value).map { Placed($0, text.place) } }
        rateLimit = Parameter("rateLimit", seconds, fields)
        if let text = limit {
            if seconds == nil {
                fields.error(
                    "rateLimit",
                    text.place,
                    "'\(VisibleText.of(text.value))' is no time; write 5s, 5m or 1h, "
                        + "at most \(PolicyLimits.rateSeconds)s"
                )
            }
        }
        let scopes = PolicyAction.RateLimit.Scope.allCases.map(\.rawValue)
        let scope = fields.choice("rateLimitScope", scopes) { PolicyAction.RateLimit.Scope(rawValue: $0) }
        rateScope = Parameter("rateLimitScope", scope, fields)
        func flag(_ name: String) -> Parameter<Bool> { Parameter(name, fields.placedBoolean(name), fields) }
        kernelStack = flag("kernelStackTrace")
        userStack = flag("userStackTrace")
        hash = flag("imaHash")
    }

    /// The parameter, which is taken then.
    mutating func take<Value>(_ key: WritableKeyPath<Self, Parameter<Value>>) -> Value? {
        defer { self[keyPath: key].value = nil }
        return self[keyPath: key].value?.value
    }

    /// One that must be there.
    mutating func needs<Value>(
        _ key: WritableKeyPath<Self, Parameter<Value>>,
        _ what: String,
        _ at: ActionPlace
    ) -> Value? {
        if let value = take(key) { return value }
        if !self[keyPath: key].isWrong { at.error("has no field '\(self[keyPath: key].name)': \(what)") }
        return nil
    }

    mutating func postOptions() -> PolicyAction.PostOptions {
        var options = PolicyAction.PostOptions()
        if let seconds = take(\.rateLimit) {
            options.rateLimit = PolicyAction.RateLimit(seconds: seconds, scope: take(\.rateScope) ?? .thread)
        }
        options.hasKernelStack = take(\.kernelStack) ?? false
        options.hasUserStack = take(\.userStack) ?? false
        options.hasIMAHash = take(\.hash) ?? false
        return options
    }

    /// Those that the action did not take.
    func tellRest(_ action: ActionName, _ path: String, _ reading: PolicyReading) {
        func tell<Value>(_ parameter: Parameter<Value>) {
            guard let value = parameter.value else { return }
            let isScope = parameter.name == "rateLimitScope" && action == .post
            if isScope, rateLimit.isWrong { return }
            let why = isScope ? "without rateLimit" : "with \(action.rawValue)"
            reading.warning(value.place, "\(path).\(parameter.name)", "has no effect \(why)")
        }
        tell(error)
        tell(signal)
        tell(url)
        tell(domain)
        tell(socket)
        tell(index)
        tell(number)
        tell(newSymbol)
        tell(newAddress)
        tell(newOffset)
        tell(registers)
        tell(rateLimit)
        tell(rateScope)
        tell(kernelStack)
        tell(userStack)
        tell(hash)
    }

    private static func text(
        _ name: String,
        _ fields: inout FieldReader,
        _ what: String,
        _ isRight: (String) -> Bool
    ) -> Parameter<String> {
        guard let text = fields.text(name) else { return Parameter(name, nil, fields) }
        if !isRight(text.value) { fields.error(name, text.place, "'\(VisibleText.of(text.value))' is not \(what)") }
        return Parameter(name, text, fields)
    }

    private static func registers(_ fields: inout FieldReader) -> Parameter<[RegisterChange]> {
        let texts = fields.texts("argRegs", upTo: PolicyLimits.filters, of: "registers")
        let changes = texts.enumerated().compactMap { index, text in
            if let change = RegisterChange(text.value) { return change }
            fields.error(
                "argRegs[\(index)]",
                text.place,
                "'\(VisibleText.of(text.value))' is no change of a register; write rax=11, rip=(%rsp) or rsp=8%rsp"
            )
            return nil
        }
        return Parameter("argRegs", texts.first.map { Placed(changes, $0.place) }, fields)
    }

    private static func seconds(_ text: String) -> UInt32? {
        let units: [Character: UInt64] = ["s": 1, "m": 60, "h": 3600]
        let unit = text.last.flatMap { units[Character($0.lowercased())] }
        guard let number = PlainNumber.decimal(unit == nil ? text[...] : text.dropLast()), number > 0 else {
            return nil
        }
        let (seconds, overflow) = number.multipliedReportingOverflow(by: unit ?? 1)
        return overflow || seconds > PolicyLimits.rateSeconds ? nil : UInt32(seconds)
    }

    private static func isURL(_ text: String) -> Bool {
        guard let scheme = ["http://", "https://"].first(where: text.hasPrefix) else { return false }
        let rest = text.dropFirst(scheme.count)
        return rest.first != nil && rest.first != "/" && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
    }

    private static func isDomain(_ text: String) -> Bool {
        KubernetesName.isSubdomain((text.hasSuffix(".") ? String(text.dropLast()) : text).lowercased())
    }
}
