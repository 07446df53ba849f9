import CWire
import Model
import UserInput

/// What every event of a kind that a rule wants has at least one of, in terms that the kernel can look up.
package struct KernelKeys: Sendable {
    /// An end of a connection, or of a packet's way.
    package enum End: Sendable {
        case source, destination
    }

    /// One of them.
    package enum Key: Hashable, Sendable {
        /// The path begins with these bytes.
        case path([UInt8])
        case ports(End, ClosedRange<UInt16>)
        case network(End, AddressPrefix)
        /// Of the process.
        case comm([UInt8])
        case binary([UInt8])
        case uid(UInt32)
        case pid(UInt32)
    }

    /// Beginnings of paths, by kind; of a kind that is not here nothing is known.
    package private(set) var paths: [EventKind: Set<Key>] = [:]
    /// Ports and networks, likewise.
    package private(set) var networks: [EventKind: Set<Key>] = [:]
    /// Names and numbers of processes, likewise.
    package private(set) var processes: [EventKind: Set<Key>] = [:]

    /// What the rules of a set ask for.
    package init(_ rules: RuleSet) {
        for kind in EventKind.allCases where !rules.passesUnmatched(kind) {
            let conditions = rules.rules.filter { $0.kinds.contains(kind) }.map(\.condition)
            if kind == .open { paths[kind] = Self.keys(conditions, Self.pathKeys) }
            if kind == .tcp || kind == .tcpDrop { networks[kind] = Self.keys(conditions, Self.networkKeys) }
            processes[kind] = Self.keys(conditions, Self.processKeys)
        }
    }

    /// Nil: one of the conditions does not ask for any such thing.
    private static func keys(_ conditions: [Condition], _ read: (Subject, Test) -> [Key]?) -> Set<Key>? {
        var keys: Set<Key> = []
        for condition in conditions {
            guard let found = condition.keys(read) else { return nil }
            keys.formUnion(found)
        }
        return keys
    }

    private static func pathKeys(_ subject: Subject, _ test: Test) -> [Key]? {
        guard subject == .field("path"), case .text(let test) = test else { return nil }
        let beginnings: [[UInt8]]
        switch test {
        case .exact(let texts), .prefix(let texts): beginnings = texts.map { Array($0.utf8) }
        case .glob(let globs): beginnings = globs.map(\.beginning)
        case .suffix, .contains, .regex: return nil
        }
        return beginnings.contains([]) ? nil : beginnings.map(Key.path)
    }

    private static func networkKeys(_ subject: Subject, _ test: Test) -> [Key]? {
        guard case .field(let name) = subject else { return nil }
        switch (name, test) {
        case ("sport", .numbers(let ranges)): return ports(.source, ranges)
        case ("dport", .numbers(let ranges)): return ports(.destination, ranges)
        case ("saddr", .networks(let networks)): return networks.map { .network(.source, $0) }
        case ("daddr", .networks(let networks)): return networks.map { .network(.destination, $0) }
        default: return nil
        }
    }

    private static func ports(_ end: End, _ ranges: [ClosedRange<Int64>]) -> [Key] {
        ranges.filter { $0.overlaps(0...65535) }.map {
            .ports(end, UInt16(max(0, $0.lowerBound))...UInt16(min(65535, $0.upperBound)))
        }
    }

    private static func processKeys(_ subject: Subject, _ test: Test) -> [Key]? {
        guard case .field(let name) = subject else { return nil }
        switch (name, test) {
        case ("process.comm", .text(.exact(let texts))): return names(texts).map(Key.comm)
        case ("process.binary", .text(.exact(let texts))): return names(texts).map(Key.binary)
        case ("process.uid", .numbers(let ranges)): return numbers(ranges)?.map(Key.uid)
        case ("process.pid", .numbers(let ranges)): return numbers(ranges)?.map(Key.pid)
        default: return nil
        }
    }

    /// Those that a name can be; the kernel lets through what is too long for its table.
    private static func names(_ texts: [String]) -> [[UInt8]] {
        texts.map { Array($0.utf8) }.filter { !$0.contains(0) && $0.count <= Int(MT_GATE_TEXT) }
    }

    /// A range that is longer would fill the kernel's table.
    private static let mostNumbers = 64

    /// One by one; nil: too many.
    private static func numbers(_ ranges: [ClosedRange<Int64>]) -> [UInt32]? {
        var numbers: [UInt32] = []
        for range in ranges where range.overlaps(0...Int64(UInt32.max)) {
            let (low, high) = (max(0, range.lowerBound), min(Int64(UInt32.max), range.upperBound))
            guard high - low < Int64(mostNumbers - numbers.count) else { return nil }
            numbers += (low...high).map { UInt32($0) }
        }
        return numbers
    }
}

extension Condition {
    /// What an event that meets it has at least one of; nil: nothing is known. Of what is never true: none at all.
    fileprivate func keys(_ read: (Subject, Test) -> [KernelKeys.Key]?) -> [KernelKeys.Key]? {
        switch self {
        case .all(let conditions): return conditions.compactMap { $0.keys(read) }.min { $0.count < $1.count }
        case .any(let conditions):
            var keys: [KernelKeys.Key] = []
            for condition in conditions {
                guard let found = condition.keys(read) else { return nil }
                keys += found
            }
            return keys
        case .not: return nil
        case .test(let subject, let test): return read(subject, test)
        }
    }
}
