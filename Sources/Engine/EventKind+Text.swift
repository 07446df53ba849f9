import Model

extension EventKind {
    /// All but what users never see.
    package static let selectable = allCases.filter { $0 != .clock }

    /// The kinds that a name stands for; nil when it is none.
    package static func kinds(named name: String) -> [EventKind]? {
        if name == "all" { return selectable }
        // bpfd's name
        if name == "tcpdrop" { return [.tcpDrop] }
        return selectable.first { "\($0.name)" == name }.map { [$0] }
    }
}
