import Model

extension EventKind {
    /// All but what users never see.
    package static let selectable = allCases.filter { $0 != .clock }

    /// What bpfd calls its tracers, where that is no name of ours.
    private static let bpfdNames: [String: EventKind] = ["tcpdrop": .tcpDrop, "dockeropenbreakout": .breakout]

    /// The kinds that a name stands for; nil when it is none.
    package static func kinds(named name: String) -> [EventKind]? {
        if name == "all" { return selectable }
        if let kind = bpfdNames[name] { return [kind] }
        return selectable.first { "\($0.name)" == name }.map { [$0] }
    }
}
