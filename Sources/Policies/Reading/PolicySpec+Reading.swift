import Model

extension PolicySpec {
    init?(_ node: YAMLNode, _ path: String, _ kind: TracingPolicy.Kind, _ reading: PolicyReading) {
        guard var fields = FieldReader(node, path, reading, "a mapping of what the policy watches") else { return nil }
        // What hooks refer to comes first.
        var lists: [FunctionList] = []
        for (node, path) in fields.list("lists", upTo: PolicyLimits.lists, of: "lists") {
            guard let list = FunctionList(node, path, reading) else { continue }
            if let other = lists.first(where: { $0.name.value == list.name.value }) {
                reading.error(
                    list.name.place,
                    "\(path).name",
                    "there is a list '\(list.name.value)' already, at \(other.name.place.line):\(other.name.place.column)"
                )
            }
            lists.append(list)
        }
        var macros: [String: PolicySelector] = [:]
        for pair in fields.entries("selectorsMacros", of: "selectors by name") {
            let path = "\(path).selectorsMacros.\(VisibleText.of(pair.key))"
            macros[pair.key] = PolicySelector(pair.value, path, nil, reading)
        }
        let context = SpecContext(lists: lists, macros: macros, reading: reading)

        func hooks<Hook>(_ section: HookSection, _ read: (YAMLNode, String) -> Hook?) -> [Hook] {
            fields.list(section.rawValue, upTo: PolicyLimits.hooks, of: "hooks").compactMap { read($0.node, $0.path) }
        }
        let kprobes = hooks(.kprobes) { FunctionHook($0, $1, .kprobes, context) }
        let fentries = hooks(.fentries) { FunctionHook($0, $1, .fentries, context) }
        let tracepoints = hooks(.tracepoints) { TracepointHook($0, $1, context) }
        let uprobes = hooks(.uprobes) { UserFunctionHook($0, $1, context) }
        let usdts = hooks(.usdts) { UserProbeHook($0, $1, context) }
        let lsmHooks = hooks(.lsmhooks) { LSMHook($0, $1, context) }
        let enforcers = fields.list("enforcers", upTo: PolicyLimits.hooks, of: "enforcers").compactMap {
            Enforcer($0.node, $0.path, context)
        }
        let loader = fields.boolean("loader")

        let pods = fields.node("podSelector").flatMap { LabelSelector($0, "\(path).podSelector", nil, reading) }
        let containers = fields.node("containerSelector").flatMap {
            LabelSelector($0, "\(path).containerSelector", LabelSelector.containerKeys, reading)
        }
        let host = fields.node("hostSelector")
        if let host { LabelSelector.checkHost(host, "\(path).hostSelector", reading) }
        fields.withoutEffect(
            ["nodeSelector"],
            "a policy is loaded on the machine that its file is on; it has no effect"
        )
        let options = PolicyOptions(fields.list("options", upTo: PolicyLimits.filters, of: "options"), reading)
        if kind == .namespaced {
            let why = "a TracingPolicyNamespaced has none, since it would reach beyond its pods; use a TracingPolicy"
            if let host { fields.error("hostSelector", host.place, why) }
            if let hook = uprobes.first { fields.error("uprobes", hook.body.place, why) }
            if let hook = usdts.first { fields.error("usdts", hook.body.place, why) }
        }
        context.checkEnforcers(enforcers, path)
        fields.finish()

        self.init(
            place: node.place,
            kprobes: kprobes,
            fentries: fentries,
            tracepoints: tracepoints,
            uprobes: uprobes,
            usdts: usdts,
            lsmHooks: lsmHooks,
            loader: loader,
            podSelector: pods,
            containerSelector: containers,
            includesHost: host != nil,
            lists: lists,
            enforcers: enforcers,
            options: options,
            macros: macros
        )
        if self.hooks.isEmpty, !reading.hasErrors {
            let sections = HookSection.allCases.map(\.rawValue).joined(separator: ", ")
            reading.warning(node.place, path, "watches nothing; hooks stand in \(sections)")
        }
    }
}
