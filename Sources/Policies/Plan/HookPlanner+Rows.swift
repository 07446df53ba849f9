import CWire
import Filters
import Model

extension HookPlanner {
    /// The selectors, in order: the first that holds decides.
    mutating func rows() -> [HookRequest.Row] {
        let whole = workloads
        // Without selectors every call is told, of those that the policy is for.
        if hook.body.selectors.isEmpty { return whole.map { [HookRequest.Row(conditions: [$0])] } ?? [] }
        return hook.body.selectors.enumerated().map { index, selector in
            let selector = selector.expanded(with: policy.spec.macros)
            let path = "\(path).selectors[\(index)]"
            var conditions = [whole, selector.workloads.flatMap(condition)].compactMap { $0 }
            conditions += selector.processes.map(condition)
            conditions += selector.binaries.compactMap {
                condition($0, $0.followsChildren ? .lineage : .binary, "\(path).matchBinaries")
            }
            conditions += selector.parentBinaries.compactMap {
                condition($0, .parentBinary, "\(path).matchParentBinaries")
            }
            conditions += selector.namespaces.compactMap { condition($0, "\(path).matchNamespaces") }
            conditions += selector.namespaceChanges.map(condition)
            conditions += selector.capabilities.flatMap { self.conditions(of: $0, $0.set.source) }
            conditions += selector.capabilityChanges.flatMap { self.conditions(of: $0, $0.set.changed) }
            conditions += selector.arguments.flatMap { self.conditions(of: $0, .argument, "\(path).matchArgs") }
            conditions += selector.data.flatMap { self.conditions(of: $0, .data, "\(path).matchData") }
            if neverReturns, !selector.returns.isEmpty {
                // No process has a number that is none: what does not return can have returned nothing.
                conditions.append(Condition(.process, .numbers([])))
            } else {
                conditions += selector.returns.flatMap { self.conditions(of: $0, .returned, "\(path).matchReturnArgs") }
            }
            return row(selector, conditions)
        }
    }

    /// For whom the policy is; nil: for all.
    var workloads: Condition? {
        let spec = policy.spec
        return condition(
            WorkloadScope(
                namespace: policy.kind == .namespaced ? policy.metadata.namespace?.value ?? "default" : nil,
                pods: spec.podSelector,
                containers: spec.containerSelector,
                includesHost: spec.includesHost
            )
        )
    }

    private func condition(_ filter: WorkloadFilter) -> Condition? {
        condition(
            WorkloadScope(pods: filter.pods, containers: filter.containers, includesHost: filter.includesHost)
        )
    }

    /// Where the host is meant too, those containers are left out that are not.
    private func condition(_ scope: WorkloadScope) -> Condition? {
        guard scope.namespace != nil || scope.pods != nil || scope.containers != nil || scope.includesHost else {
            return nil
        }
        let takesAll = [scope.pods, scope.containers].allSatisfy { $0?.requirements.isEmpty ?? true }
        if scope.includesHost, takesAll, scope.namespace == nil, !scope.isOfHost { return nil }
        return Condition(.cgroup, .workloads(scope), isNegated: scope.includesHost)
    }

    private func row(_ selector: PolicySelector, _ conditions: [Condition]) -> HookRequest.Row {
        var (posts, rate, scope) = (true, UInt64(0), MT_SCOPE_THREAD)
        for action in selector.actions + selector.returnActions {
            switch action.effect {
            case .noPost: posts = false
            case .post(let options):
                guard let limit = options.rateLimit else { continue }
                rate = UInt64(limit.seconds) * 1_000_000_000
                scope =
                    switch limit.scope {
                    case .thread: MT_SCOPE_THREAD
                    case .process: MT_SCOPE_PROCESS
                    case .global: MT_SCOPE_GLOBAL
                    }
            default: continue
            }
        }
        return HookRequest.Row(
            label: selector.label?.value,
            conditions: conditions,
            posts: posts,
            rate: rate,
            scope: scope
        )
    }

    private func condition(_ filter: ProcessFilter) -> Condition {
        let source: Condition.Source =
            filter.followsForks ? .ancestry : filter.isNamespaced ? .namespacedProcess : .process
        return Condition(source, .numbers(Set(filter.values.map(UInt64.init))), isNegated: filter.operator == .isNotIn)
    }

    /// A filter without values says nothing.
    private mutating func condition(_ filter: BinaryFilter, _ source: Condition.Source, _ path: String) -> Condition? {
        guard !filter.values.isEmpty else { return nil }
        let texts = Set(filter.values.map { Array($0.value.utf8) })
        if filter.operator == .isIn || filter.operator == .isNotIn {
            guard checkLength(.texts(texts), filter.place, path) else { return nil }
        }
        return switch filter.operator {
        case .isIn: Condition(source, .texts(texts))
        case .isNotIn: Condition(source, .texts(texts), isNegated: true)
        case .prefix: Condition(source, .prefixes(texts))
        case .notPrefix: Condition(source, .prefixes(texts), isNegated: true)
        case .postfix: Condition(source, .postfixes(texts))
        case .notPostfix: Condition(source, .postfixes(texts), isNegated: true)
        }
    }

    private mutating func condition(_ filter: NamespaceFilter, _ path: String) -> Condition? {
        var numbers: Set<UInt64> = []
        for value in filter.values {
            switch value {
            case .inode(let number): numbers.insert(UInt64(number))
            case .host:
                guard let number = kernel.hostNamespace(filter.kind) else {
                    error(
                        filter.place,
                        path,
                        "the machine's own \(filter.kind.rawValue) namespace is not known here: it takes a kernel that has such "
                            + "namespaces, and for Mnt and Net root at the start, in the machine's pid namespace"
                    )
                    return nil
                }
                numbers.insert(number)
            }
        }
        // In the order of enum mt_namespace_kind.
        let kind = NamespaceKind.allCases.firstIndex(of: filter.kind) ?? 0
        return Condition(.namespace(kind), .numbers(numbers), isNegated: filter.operator == .isNotIn)
    }

    private func condition(_ filter: NamespaceChangeFilter) -> Condition {
        let bits = filter.values.reduce(UInt64(0)) { bits, kind in
            bits | 1 << UInt64(NamespaceKind.allCases.firstIndex(of: kind) ?? 0)
        }
        return Condition(.changedNamespaces, .bits(bits), isNegated: filter.operator == .isNotIn)
    }

    private func conditions(of filter: CapabilityFilter, _ source: Condition.Source) -> [Condition] {
        let condition = Condition(source, .bits(filter.mask), isNegated: filter.operator == .isNotIn)
        return filter.isNamespaced ? [condition, Condition(.isInHostUserNamespace, .numbers([0]))] : [condition]
    }
}

extension CapabilityFilter.Set {
    fileprivate var source: Condition.Source {
        switch self {
        case .effective: .effective
        case .permitted: .permitted
        case .inheritable: .inheritable
        }
    }

    /// What has changed in it.
    fileprivate var changed: Condition.Source {
        switch self {
        case .effective: .changedEffective
        case .permitted: .changedPermitted
        case .inheritable: .changedInheritable
        }
    }
}
