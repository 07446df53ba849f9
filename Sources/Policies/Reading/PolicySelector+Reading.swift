extension PolicySelector {
    /// - Parameter context: the hook's; nil for a macro, whose hooks are not known yet.
    init?(_ node: YAMLNode, _ path: String, _ context: HookContext?, _ reading: PolicyReading) {
        guard var fields = FieldReader(node, path, reading, "a selector: conditions and actions") else { return nil }
        func read<Filter>(_ name: String, _ make: (YAMLNode, String, PolicyReading) -> Filter?) -> [Filter] {
            fields.list(name, upTo: PolicyLimits.filters, of: "filters").compactMap { make($0.node, $0.path, reading) }
        }
        func actions(_ name: String) -> [PolicyAction] {
            let isReturn = name == "matchReturnActions"
            return fields.list(name, upTo: PolicyLimits.actions, of: "actions").compactMap { node, path in
                guard let action = PolicyAction(node, path, context, reading) else { return nil }
                context.map { action.check($0, path, isReturn: isReturn) }
                return action
            }
        }
        func arguments(_ name: String, _ part: ArgumentFilter.Part) -> [ArgumentFilter] {
            fields.list(name, upTo: PolicyLimits.filters, of: "filters").compactMap { node, path in
                guard let filter = ArgumentFilter(node, path, reading) else { return nil }
                context.map { filter.check(part, $0, path) }
                return filter
            }
        }
        let label = fields.text("label")
        let workloads = fields.node("matchWorkloads").flatMap {
            WorkloadFilter($0, "\(path).matchWorkloads", reading)
        }
        // In the order in which people write them: problems of one place keep it.
        self.init(
            place: node.place,
            label: label,
            processes: read("matchPIDs", ProcessFilter.init),
            arguments: arguments("matchArgs", .arguments),
            data: arguments("matchData", .data),
            returns: arguments("matchReturnArgs", .returnValue),
            actions: actions("matchActions"),
            returnActions: actions("matchReturnActions"),
            binaries: read("matchBinaries", BinaryFilter.init),
            parentBinaries: read("matchParentBinaries", BinaryFilter.init),
            namespaces: read("matchNamespaces", NamespaceFilter.init),
            namespaceChanges: read("matchNamespaceChanges", NamespaceChangeFilter.init),
            capabilities: read("matchCapabilities", CapabilityFilter.init),
            capabilityChanges: read("matchCapabilityChanges", CapabilityFilter.init),
            workloads: workloads,
            macros: fields.texts("macros", upTo: PolicyLimits.filters, of: "names of macros")
        )
        fields.finish()
        guard let context else {
            if let name = macros.first { fields.error("macros", name.place, "a macro has no macros in it") }
            return
        }
        if !context.returns, !returnActions.isEmpty {
            fields.error("matchReturnActions", returnActions[0].place, "needs return: true and a returnArg")
        }
        checkMacros(context, path)
    }

    /// What macros say must fit this hook too.
    private func checkMacros(_ context: HookContext, _ path: String) {
        let reading = context.reading
        var hasLabel = label != nil
        var hasWorkloads = workloads != nil
        for (index, name) in macros.enumerated() {
            let at = "\(path).macros[\(index)]"
            guard let macro = context.spec.macros[name.value] else {
                let names = context.spec.macros.keys.sorted()
                let allowed =
                    names.isEmpty ? "spec.selectorsMacros has none" : "there are \(names.joined(separator: ", "))"
                reading.error(
                    name.place,
                    at,
                    "there is no macro '\(VisibleText.of(name.value))'; "
                        + reading.suggestion(name.value, among: names, else: allowed)
                )
                continue
            }
            if hasLabel && macro.label != nil || hasWorkloads && macro.workloads != nil {
                reading.error(
                    name.place,
                    at,
                    "the macro has a label or matchWorkloads, and so has the selector; keep one"
                )
            }
            hasLabel = hasLabel || macro.label != nil
            hasWorkloads = hasWorkloads || macro.workloads != nil
            guard context.spec.spend(macro.weight, name.place, at) else { return }
            let path = "spec.selectorsMacros.\(VisibleText.of(name.value))"
            for (part, field, filters) in [
                (ArgumentFilter.Part.arguments, "matchArgs", macro.arguments), (.data, "matchData", macro.data),
                (.returnValue, "matchReturnArgs", macro.returns),
            ] {
                for (index, filter) in filters.enumerated() {
                    filter.check(part, context, "\(path).\(field)[\(index)]")
                }
            }
            for (index, action) in macro.actions.enumerated() {
                action.check(context, "\(path).matchActions[\(index)]", isReturn: false)
            }
            for (index, action) in macro.returnActions.enumerated() {
                action.check(context, "\(path).matchReturnActions[\(index)]", isReturn: true)
            }
        }
    }

    /// How much it adds to what names it.
    private var weight: Int {
        let values = (arguments + data + returns).map(\.values.count) + (binaries + parentBinaries).map(\.values.count)
        return 16 + values.reduce(0, +) + processes.map(\.values.count).reduce(0, +) + actions.count
            + returnActions.count
    }
}
