/// The conditions of a selector.
enum SelectorWords {
    static func of(_ selector: PolicySelector, _ body: HookBody) -> [String] {
        selector.processes.map(process)
            + selector.binaries.map { binary($0, "the program's path") }
            + selector.parentBinaries.map { binary($0, "the path of the parent's program") }
            + selector.namespaces.map(namespace)
            + selector.namespaceChanges.map { filter in
                let kinds = filter.values.map(\.rawValue)
                return filter.operator == .isIn
                    ? "a namespace of \(Words.list(kinds, "or")) has changed since exec"
                    : "no namespace of \(Words.list(kinds, "or")) has changed since exec"
            }
            + selector.capabilities.map { capabilities($0, "has") }
            + selector.capabilityChanges.map { capabilities($0, "has changed since exec") }
            + (selector.workloads.map { [workloads($0)] } ?? [])
            + selector.arguments.map { filter in argument(filter, body) }
            + selector.data.map { filter in "data \(filter.index?.value ?? 0) \(comparison(filter))" }
            + selector.returns.map { filter in "what it returns \(comparison(filter))" }
    }

    private static func process(_ filter: ProcessFilter) -> String {
        let numbers = filter.values.map { "\($0)" }
        let text = Words.set("is", numbers, isNegative: filter.operator == .isNotIn)
        let namespace = filter.isNamespaced ? " in its pid namespace" : ""
        let descendants = filter.operator == .isIn ? ", or a descendant" : ", nor a descendant"
        return "the process \(text)\(namespace)\(filter.followsForks ? descendants : "")"
    }

    private static func binary(_ filter: BinaryFilter, _ subject: String) -> String {
        let values = filter.values.map(\.value)
        let text =
            switch filter.operator {
            case .isIn: Words.set("is", values, isNegative: false)
            case .isNotIn: Words.set("is", values, isNegative: true)
            case .prefix: "begins with \(Words.list(values, "or"))"
            case .notPrefix: "does not begin with \(Words.list(values, "or"))"
            case .postfix: "ends with \(Words.list(values, "or"))"
            case .notPostfix: "does not end with \(Words.list(values, "or"))"
            }
        let ancestors = filter.operator == .isIn ? ", or an ancestor's is" : ", nor is an ancestor's"
        return "\(subject) \(text)\(filter.followsChildren ? ancestors : "")"
    }

    private static func namespace(_ filter: NamespaceFilter) -> String {
        let values = filter.values.map { value in
            switch value {
            case .host: "the machine's own"
            case .inode(let number): "\(number)"
            }
        }
        return
            "the \(filter.kind.rawValue) namespace \(Words.set("is", values, isNegative: filter.operator == .isNotIn))"
    }

    private static func capabilities(_ filter: CapabilityFilter, _ verb: String) -> String {
        let names = Words.list(Capability.names(in: filter.mask), "or")
        let set = "the \(filter.set.rawValue.lowercased()) set"
        let who = filter.isNamespaced ? " in a user namespace" : ""
        let isIn = filter.operator == .isIn
        return verb == "has"
            ? "\(set) has \(isIn ? "" : "none of ")\(names)\(who)"
            : "\(set) \(isIn ? "has" : "has not") changed in \(names) since exec\(who)"
    }

    private static func workloads(_ filter: WorkloadFilter) -> String {
        let text = ScopeWords.of(
            pods: filter.pods,
            containers: filter.containers,
            includesHost: filter.includesHost,
            namespace: nil
        )
        return "it is of \(text)"
    }

    private static func argument(_ filter: ArgumentFilter, _ body: HookBody) -> String {
        if filter.operator.value == .expression { return "(\(Words.visible(filter.values.first?.value ?? "")))" }
        if filter.operator.value == .capabilitiesGained {
            let names = filter.positions.map { name($0.value, body) }
            return "a capability is gained from \(names.joined(separator: " to "))"
        }
        guard let index = filter.index?.value else {
            return "\(name(filter.positions.first?.value ?? 0, body)) \(comparison(filter))"
        }
        let position = body.arguments.firstIndex { $0.index == index }
        return "\(position.map { name($0, body) } ?? "argument \(index)") \(comparison(filter))"
    }

    /// By the position in the policy's list.
    private static func name(_ position: Int, _ body: HookBody) -> String {
        guard body.arguments.indices.contains(position) else { return "argument \(position)" }
        let argument = body.arguments[position]
        let isAlone = body.arguments.count { $0.index == argument.index && $0.steps == argument.steps } == 1
        let name = "argument \(argument.index)\(argument.steps.map(\.description).joined())"
        return isAlone ? name : "\(name) (\(argument.type.rawValue))"
    }

    private static func comparison(_ filter: ArgumentFilter) -> String {
        let values = filter.values.map(\.value)
        let isNegative = filter.operator.value.isNegative
        let some = Words.list(values, "or")
        let not = isNegative ? "does not " : ""
        let has = isNegative ? "does not have" : "has"
        switch filter.operator.value {
        case .equal, .notEqual: return Words.set("is", values, isNegative: isNegative)
        case .prefix, .notPrefix: return isNegative ? "\(not)begin with \(some)" : "begins with \(some)"
        case .postfix, .notPostfix: return isNegative ? "\(not)end with \(some)" : "ends with \(some)"
        case .substring: return "contains \(some)"
        case .substringIgnoringCase: return "contains \(some) in large or small letters"
        case .greaterThan: return "is above \(some)"
        case .lessThan: return "is below \(some)"
        case .inRange, .notInRange, .inMap, .notInMap: return "is \(isNegative ? "not " : "")in \(some)"
        case .mask: return "has a bit of \(some)"
        case .sourcePort, .notSourcePort: return "\(has) source port \(some)"
        case .destinationPort, .notDestinationPort: return "\(has) destination port \(some)"
        case .sourcePortPrivileged, .notSourcePortPrivileged: return "\(has) a source port below 1024"
        case .destinationPortPrivileged, .notDestinationPortPrivileged: return "\(has) a destination port below 1024"
        case .sourceAddress, .notSourceAddress: return "\(has) a source address in \(some)"
        case .destinationAddress, .notDestinationAddress: return "\(has) a destination address in \(some)"
        case .networkProtocol: return "has protocol \(some)"
        case .family: return "has family \(some)"
        case .state: return "is in state \(some)"
        case .fileType, .notFileType: return "is \(isNegative ? "not " : "")of kind \(some)"
        case .capabilitiesGained, .expression: return some
        }
    }
}
