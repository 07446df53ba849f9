import Model

extension EventKind {
    /// All but what users never see.
    package static let selectable = allCases.filter { $0 != .clock }

    /// The kinds that a name stands for, ours or that of one of bpfd's tracers; nil when it is none.
    package static func kinds(named name: String) -> [EventKind]? {
        if name == "all" { return selectable }
        if let kind = selectable.first(where: { "\($0.name)" == name }) { return [kind] }
        return BPFDTracer(name: name).map { tracer in selectable.filter(tracer.kinds.contains) }
    }
}
