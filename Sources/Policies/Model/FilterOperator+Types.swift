extension FilterOperator {
    /// Whether it compares what has this type; of a type that the kernel will tell, everything may.
    package func fits(_ type: ArgumentType) -> Bool {
        if type == .automatic { return true }
        let isNumber = type.numbers != nil
        switch self {
        case .equal, .notEqual: return isNumber || type.isText || type.isCapabilitySet
        case .prefix, .notPrefix, .postfix, .notPostfix, .substring, .substringIgnoringCase: return type.isText
        case .greaterThan, .lessThan, .inRange, .notInRange, .inMap, .notInMap, .expression: return isNumber
        case .mask: return isNumber || type.isCapabilitySet
        case .sourcePort, .notSourcePort, .sourceAddress, .notSourceAddress:
            return type.hasTuple || type == .socketAddress
        case .sourcePortPrivileged, .notSourcePortPrivileged, .destinationPort, .notDestinationPort,
            .destinationPortPrivileged, .notDestinationPortPrivileged, .destinationAddress, .notDestinationAddress,
            .networkProtocol:
            return type.hasTuple
        case .family: return type.hasTuple || type == .socketAddress || type == .unixAddress
        case .state: return type == .sock || type == .socket
        case .fileType, .notFileType: return type == .file || type == .path
        case .capabilitiesGained: return type.isCapabilitySet
        }
    }
}
