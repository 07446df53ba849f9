import UserInput

/// A condition on something that a hook reads.
package struct ArgumentFilter: Sendable {
    /// Where it begins.
    package let place: InputPlace
    /// Which: arguments by the function's index, data by their position, return values by 0; nil where `positions` says it.
    package let index: Placed<Int>?
    /// Positions in the policy's own list of arguments; empty where `index` says it.
    package let positions: [Placed<Int>]
    /// How it is compared.
    package let `operator`: Placed<FilterOperator>
    /// With what, as it is written: what it means depends on the type, which may come from the kernel.
    package let values: [Placed<String>]
}

/// How something that a hook reads is compared.
package enum FilterOperator: String, Sendable, CaseIterable {
    case equal = "Equal"
    case notEqual = "NotEqual"
    case prefix = "Prefix"
    case notPrefix = "NotPrefix"
    case postfix = "Postfix"
    case notPostfix = "NotPostfix"
    case substring = "SubString"
    case substringIgnoringCase = "SubStringIgnCase"
    case greaterThan = "GT"
    case lessThan = "LT"
    case inRange = "InRange"
    case notInRange = "NotInRange"
    case mask = "Mask"
    case inMap = "InMap"
    case notInMap = "NotInMap"
    case sourcePort = "SPort"
    case notSourcePort = "NotSPort"
    case sourcePortPrivileged = "SPortPriv"
    case notSourcePortPrivileged = "NotSPortPriv"
    case destinationPort = "DPort"
    case notDestinationPort = "NotDPort"
    case destinationPortPrivileged = "DPortPriv"
    case notDestinationPortPrivileged = "NotDPortPriv"
    case sourceAddress = "SAddr"
    case notSourceAddress = "NotSAddr"
    case destinationAddress = "DAddr"
    case notDestinationAddress = "NotDAddr"
    case networkProtocol = "Protocol"
    case family = "Family"
    case state = "State"
    case fileType = "FileType"
    case notFileType = "NotFileType"
    case capabilitiesGained = "CapabilitiesGained"
    case expression = "CelExpr"

    /// Further names that policies may have for some of them.
    package static let aliases: [String: FilterOperator] = [
        "GreaterThan": .greaterThan, "LessThan": .lessThan, "NotSportPriv": .notSourcePortPrivileged,
    ]

    /// Every name that a policy may have.
    package static let names = allCases.map(\.rawValue) + aliases.keys.sorted()

    /// The operator that a policy names.
    package init?(name: String) {
        guard let found = Self(rawValue: name) ?? Self.aliases[name] else { return nil }
        self = found
    }

    /// Whether all values must differ, where otherwise one must fit.
    package var isNegative: Bool { rawValue.hasPrefix("Not") }

    /// Whether it needs no values.
    package var isAlone: Bool {
        switch self {
        case .sourcePortPrivileged, .notSourcePortPrivileged, .destinationPortPrivileged,
            .notDestinationPortPrivileged, .capabilitiesGained:
            true
        default: false
        }
    }
}
