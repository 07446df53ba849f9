/// What arguments of a section's hooks may have.
struct ArgumentRules {
    let section: HookSection
    /// The last that can be read.
    let lastIndex: Int
    /// Whether the kernel or the program knows their types.
    let takesAutomatic: Bool
    /// Whether there are structs to go through.
    let resolves: Bool
}

extension PolicyArgument {
    enum Role {
        case argument, data, returnValue
    }

    init?(_ node: YAMLNode, _ path: String, _ role: Role, _ rules: ArgumentRules, _ reading: PolicyReading) {
        guard var fields = FieldReader(node, path, reading, "a mapping with index and type") else { return nil }
        let index = fields.integer(
            "index",
            0...Int128(rules.lastIndex),
            required: role == .argument ? "it says which argument, from 0" : nil
        )
        let type = Self.type(&fields, role, rules)
        let source = fields.choice("source", Source.allCases.map(\.rawValue)) { Source(rawValue: $0) }
        if role == .data, !fields.isGiven("source") {
            reading.error(node.place, path, "has no field 'source': current_task, or pt_regs")
        } else if role != .data, let source {
            fields.error("source", source.place, "is for data alone: move this into data")
        }
        let resolve = fields.text("resolve")
        let register = source?.value == .registers ? resolve?.value : nil
        var steps: [ResolveStep] = []
        if source?.value == .registers {
            if let resolve, !CPURegister.names.contains(resolve.value) {
                fields.error(
                    "resolve",
                    resolve.place,
                    "'\(VisibleText.of(resolve.value))' is no register, such as rdi or x0"
                )
            } else if resolve == nil {
                reading.error(node.place, path, "has no field 'resolve': it names the register")
            }
        } else if let resolve {
            steps = Self.steps(resolve, fields, rules)
        } else if source?.value == .currentTask {
            reading.error(node.place, path, "has no field 'resolve': it says what of the task, such as comm")
        }
        let sizeIndex = fields.integer("sizeArgIndex", 0...15)
        if let sizeIndex, sizeIndex.value > 0, let type, !type.isBuffer, type != .automatic {
            fields.error("sizeArgIndex", sizeIndex.place, Self.buffersAlone(type))
        }
        let returnCopy = fields.placedBoolean("returnCopy")
        let maxData = fields.placedBoolean("maxData")
        if let maxData, maxData.value, let type, !type.isBuffer {
            fields.error("maxData", maxData.place, Self.buffersAlone(type))
        }
        if let maxData, maxData.value, returnCopy?.value == true {
            fields.error("maxData", maxData.place, "does not go together with returnCopy: keep one")
        }
        if let returnCopy, returnCopy.value, role != .argument || rules.section == .tracepoints {
            fields.error("returnCopy", returnCopy.place, "is for arguments of functions")
        }
        let label = fields.text("label")
        let structName = Self.identifier("btfType", &fields)
        let module = Self.identifier("btfTypeModule", &fields)
        if let module, structName == nil {
            fields.error("btfTypeModule", module.place, "needs btfType, the struct that the module describes")
        }
        if let module, rules.section != .kprobes {
            fields.error("btfTypeModule", module.place, "is for kprobes alone")
        }
        fields.finish()
        guard let type, role != .argument || index != nil else { return nil }
        self.init(
            place: node.place,
            index: Int(index?.value ?? 0),
            type: type,
            steps: steps,
            register: register,
            sizeIndex: sizeIndex.flatMap { $0.value > 0 ? Int($0.value) - 1 : nil },
            isReadAtReturn: returnCopy?.value ?? false,
            readsMost: maxData?.value ?? false,
            label: label?.value,
            source: source?.value,
            structName: structName?.value,
            structModule: module?.value
        )
    }

    private static func type(_ fields: inout FieldReader, _ role: Role, _ rules: ArgumentRules) -> ArgumentType? {
        let isKnown = rules.takesAutomatic && role == .argument
        let node =
            isKnown
            ? fields.node("type")
            : fields.required("type", "it says how the value is read, such as int, string or file")
        guard let node else { return isKnown ? .automatic : nil }
        guard let text = FieldReader.text(node, fields.path(of: "type"), fields.reading) else { return nil }
        guard let type = ArgumentType(name: text.value) else {
            let allowed = "allowed are \(ArgumentType.names.joined(separator: ", "))"
            let remedy = fields.reading.suggestion(text.value, among: ArgumentType.names, else: allowed)
            fields.error("type", text.place, "'\(VisibleText.of(text.value))' is unknown; \(remedy)")
            return nil
        }
        if type == .automatic, !isKnown {
            fields.error("type", text.place, "auto is not for \(rules.section.rawValue): name the type")
        }
        if type.isOfTracepoints, rules.section != .tracepoints {
            fields.error("type", text.place, "\(text.value) is for tracepoints alone")
        }
        return type
    }

    private static func steps(_ text: Placed<String>, _ fields: FieldReader, _ rules: ArgumentRules) -> [ResolveStep] {
        guard rules.resolves else {
            fields.error("resolve", text.place, "only tracepoints with raw: true have structs to go through")
            return []
        }
        guard let steps = ResolveStep.parse(text.value) else {
            fields.error(
                "resolve",
                text.place,
                "'\(VisibleText.of(text.value))' is no way through structs; write members with dots, such as mm.owner.comm or a[1].b"
            )
            return []
        }
        if steps.count > PolicyLimits.resolveSteps {
            fields.error(
                "resolve",
                text.place,
                "has \(steps.count) steps; at most \(PolicyLimits.resolveSteps) are read"
            )
        }
        return steps
    }

    private static func identifier(_ name: String, _ fields: inout FieldReader) -> Placed<String>? {
        guard let text = fields.text(name) else { return nil }
        if !KernelName.isIdentifier(text.value) {
            fields.error(
                name,
                text.place,
                "'\(VisibleText.of(text.value))' is no name; letters, digits and _ are allowed"
            )
        }
        return text
    }

    private static func buffersAlone(_ type: ArgumentType) -> String {
        "is for char_buf, char_iovec and iov_iter, not \(type.rawValue)"
    }
}
