extension UserFunctionHook {
    private static let digits = [
        "sha1": 40...40, "sha256": 64...64, "sha384": 96...96, "sha512": 128...128, "build-id": 2...128,
    ]

    init?(_ node: YAMLNode, _ path: String, _ spec: SpecContext) {
        let reading = spec.reading
        guard var fields = FieldReader(node, path, reading, "a uprobe with the path of a program") else { return nil }
        let file = fields.programPath("path", required: "it names the program or library")
        let btfPath = fields.programPath("btfPath")
        let location = Self.location(&fields)
        let counters = fields.numbers("refCtrOffsets")
        if !counters.isEmpty, let location, counters.count != location.count {
            fields.error(
                "refCtrOffsets",
                counters[0].place,
                "has \(counters.count) offsets for \(location.count) places; there must be one for each"
            )
        }
        let digests = fields.texts("binaryDigests", upTo: PolicyLimits.values, of: "digests").compactMap { text in
            if let digest = Self.digest(text.value) { return digest }
            let allowed = Self.digits.keys.sorted().joined(separator: ", ")
            fields.error(
                "binaryDigests",
                text.place,
                "'\(VisibleText.of(text.value))' is no digest; write ALGORITHM:HEX, with one of \(allowed)"
            )
            return nil
        }
        let mayMismatch = fields.ignored("digestVerificationFailure")
        let rules = ArgumentRules(
            section: .uprobes,
            lastIndex: PolicyLimits.argumentIndex,
            takesAutomatic: false,
            resolves: true
        )
        let body = HookBody(
            &fields,
            .uprobes,
            spec,
            target: file?.value ?? "",
            rules: rules,
            hasData: true,
            hasReturn: true
        )
        fields.finish()
        guard let file, let location else { return nil }
        self.init(
            path: file,
            btfPath: btfPath,
            location: location,
            counterOffsets: counters.map(\.value),
            digests: digests,
            mayMismatch: mayMismatch,
            body: body
        )
    }

    /// One of three fields says where.
    private static func location(_ fields: inout FieldReader) -> Location? {
        let symbols = fields.texts("symbols", upTo: PolicyLimits.hooks, of: "symbols")
        let offsets = fields.numbers("offsets")
        let addresses = fields.numbers("addrs")
        for symbol in symbols where symbol.value.isEmpty || symbol.value.utf8.contains(0) {
            fields.error("symbols", symbol.place, "a symbol has at least one letter, and no NUL")
        }
        let given = [symbols.first?.place, offsets.first?.place, addresses.first?.place].compactMap(\.self)
        guard given.count <= 1 else {
            fields.reading.error(given[1], fields.path, "has more than one of symbols, offsets and addrs; keep one")
            return nil
        }
        if !symbols.isEmpty { return .symbols(symbols.map(\.value)) }
        if !offsets.isEmpty { return .offsets(offsets.map(\.value)) }
        if !addresses.isEmpty { return .addresses(addresses.map(\.value)) }
        // What could not be read has been told.
        guard !["symbols", "offsets", "addrs"].contains(where: fields.isGiven) else { return nil }
        fields.reading.error(
            fields.place,
            fields.path,
            "has none of symbols, offsets and addrs: one of them says where"
        )
        return nil
    }

    private static func digest(_ text: String) -> Digest? {
        let parts = text.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, let lengths = digits[String(parts[0])], lengths.contains(parts[1].utf8.count),
            parts[1].utf8.count % 2 == 0, parts[1].utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit })
        else { return nil }
        return Digest(algorithm: String(parts[0]), value: parts[1].lowercased())
    }
}

extension UserFunctionHook.Location {
    /// How many places it is.
    var count: Int {
        switch self {
        case .symbols(let names): names.count
        case .offsets(let numbers), .addresses(let numbers): numbers.count
        }
    }
}

extension FieldReader {
    /// The path of a program: what is relative would be looked for where the agent happens to run.
    fileprivate mutating func programPath(_ name: String, required what: String? = nil) -> Placed<String>? {
        guard let path = text(name, required: what) else { return nil }
        if !path.value.hasPrefix("/") || path.value.utf8.count >= PolicyLimits.textBytes || path.value.utf8.contains(0)
        {
            error(
                name,
                path.place,
                "'\(VisibleText.of(path.value))' is no absolute path of less than \(PolicyLimits.textBytes) bytes"
            )
        }
        return path
    }

    /// A list of offsets or addresses.
    fileprivate mutating func numbers(_ name: String) -> [Placed<UInt64>] {
        list(name, upTo: PolicyLimits.hooks, of: "numbers").compactMap {
            Self.integer($0.node, 0...Int128(Int64.max), $0.path, reading)?.map { UInt64($0) }
        }
    }
}

extension UserProbeHook {
    init?(_ node: YAMLNode, _ path: String, _ spec: SpecContext) {
        let reading = spec.reading
        guard var fields = FieldReader(node, path, reading, "a USDT probe with path, provider and name") else {
            return nil
        }
        let file = fields.programPath("path", required: "it names the program or library")
        let btfPath = fields.programPath("btfPath")
        let provider = fields.text("provider", required: "it names the group of the probe")
        let name = fields.text("name", required: "it names the probe in its group")
        let rules = ArgumentRules(
            section: .usdts,
            lastIndex: PolicyLimits.argumentIndex,
            takesAutomatic: true,
            resolves: true
        )
        let target = "\(provider?.value ?? ""):\(name?.value ?? "")"
        let body = HookBody(&fields, .usdts, spec, target: target, rules: rules, hasData: false, hasReturn: false)
        fields.finish()
        guard let file, let provider, let name else { return nil }
        self.init(path: file, btfPath: btfPath, provider: provider, name: name, body: body)
    }
}
