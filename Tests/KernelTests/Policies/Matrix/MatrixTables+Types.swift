import Glibc

/// The groups of cases, by section.
enum MatrixTables {
    /// Which calls, by letters, show something that fits.
    private static func letters<Value>(_ all: [Value], _ fits: (Value) -> Bool) -> String {
        String(zip("abcd", all).filter { fits($0.1) }.map(\.0))
    }

    /// All that compares texts, for what the calls a, b, … show.
    static func texts(_ type: String, _ all: [String], at index: Int = 0, more: String = "") -> [MatrixCase] {
        let beginning = String(all[1].prefix(all[1].count - 4))
        let end = String(all[0].suffix(4))
        func make(_ comparison: String, _ value: String, _ fits: (String) -> Bool) -> MatrixCase {
            MatrixCase(type, comparison, [value], letters(all, fits), at: index, more: more)
        }
        return [
            make("Equal", all[0]) { $0 == all[0] }, make("NotEqual", all[0]) { $0 != all[0] },
            make("Prefix", beginning) { $0.hasPrefix(beginning) },
            make("NotPrefix", beginning) { !$0.hasPrefix(beginning) }, make("Postfix", end) { $0.hasSuffix(end) },
            make("NotPostfix", end) { !$0.hasSuffix(end) }, make("SubString", end) { $0.contains(end) },
            make("SubStringIgnCase", end.uppercased()) { $0.contains(end) },
            read(type, letters(all) { _ in true }, at: index, more: more),
        ]
    }

    /// All that compares numbers.
    static func numbers(_ type: String, _ all: [Int64], at index: Int = 0, more: String = "") -> [MatrixCase] {
        let (low, high) = (all.min() ?? 0, all.max() ?? 0)
        let first = all[0]
        let bit: Int64 = 1 << Int64(first.trailingZeroBitCount)
        func make(_ comparison: String, _ value: String, _ fits: (Int64) -> Bool) -> MatrixCase {
            MatrixCase(type, comparison, [value], letters(all, fits), at: index, more: more)
        }
        let cases = [
            make("Equal", "\(first)") { $0 == first }, make("NotEqual", "\(first)") { $0 != first },
            make("GT", "\(low)") { $0 > low }, make("LT", "\(high)") { $0 < high },
            make("InRange", "\(low):\(high - 1)") { $0 < high },
            make("NotInRange", "\(low):\(high - 1)") { $0 >= high },
            make("InMap", "\(low + 1):\(high)") { $0 > low }, make("NotInMap", "\(low)") { $0 != low },
            make("Mask", "\(bit)") { $0 & bit != 0 }, make("CelExpr", "arg0 == \(first)") { $0 == first },
            read(type, letters(all) { _ in true }, at: index, more: more),
        ]
        // What is returned is no argument, which expressions name.
        return index < 0 ? cases.filter { $0.comparison != "CelExpr" } : cases
    }

    /// That a value is read, and what it then holds.
    static func read(_ type: String, _ finds: String, at index: Int = 0, more: String = "", holds: [String] = [])
        -> MatrixCase
    {
        MatrixCase(type, "read", holds, finds, at: index, more: more)
    }

    /// All that compares both ends of a connection, for `MatrixPlaces.ends`.
    static func tuples(
        _ type: String,
        at index: Int = 0,
        more: String = "",
        protocol number: String,
        state: String? = nil
    ) -> [MatrixCase] {
        var list: [(String, [String], String)] = [
            ("SPort", ["41001", "41003:41009"], "ac"), ("NotSPort", ["41001"], "bc"), ("SPortPriv", [], "b"),
            ("NotSPortPriv", [], "ac"), ("DPort", ["902"], "b"), ("NotDPort", ["902", "42001"], "c"),
            ("DPortPriv", [], "b"), ("NotDPortPriv", [], "ac"), ("SAddr", ["127.0.0.2/31"], "b"),
            ("NotSAddr", ["127.0.0.0/30"], "c"), ("DAddr", ["127.0.0.4", "::1"], "bc"), ("NotDAddr", ["::/64"], "ab"),
            ("Protocol", [number], "abc"), ("Family", ["AF_INET6"], "c"),
        ]
        if let state { list.append(("State", [state], "abc")) }
        return list.map { MatrixCase(type, $0.0, $0.1, $0.2, at: index, more: more) } + [
            read(type, "abc", at: index, more: more)
        ]
    }

    /// All that compares an address, for those that `MatrixPlaces.ends` connect to.
    static func addresses(at index: Int) -> [MatrixCase] {
        [
            MatrixCase("sockaddr", "SPort", ["42001"], "a", at: index),
            MatrixCase("sockaddr", "NotSPort", ["42001"], "bc", at: index),
            MatrixCase("sockaddr", "SAddr", ["127.0.0.0/30"], "a", at: index),
            MatrixCase("sockaddr", "NotSAddr", ["::1"], "ab", at: index),
            MatrixCase("sockaddr", "Family", ["AF_INET"], "ab", at: index), read("sockaddr", "abc", at: index),
        ]
    }

    /// Conditions on the process, where `finds` are all calls of the hook.
    static func processes(_ finds: String, _ places: MatrixPlaces) -> [MatrixCase] {
        func make(_ kind: String, _ comparison: String, _ finds: String, _ rest: String) -> MatrixCase {
            MatrixCase(kind, comparison, [], finds, selector: "\(kind): [{operator: \(comparison), \(rest)}]")
        }
        let folder = places.workload.dropLast("workload".count)
        return [
            make("matchPIDs", "In", finds, "values: [\(getpid())], followForks: true"),
            make("matchPIDs", "NotIn", finds, "values: [0, 1]"),
            make("matchPIDs", "NotIn", "", "values: [\(getpid())], followForks: true"),
            make("matchPIDs", "NotIn", finds, "values: [1], isNamespacePID: true"),
            make("matchBinaries", "In", finds, "values: [\"\(places.workload)\"]"),
            make("matchBinaries", "NotIn", "", "values: [\"\(places.workload)\"]"),
            make("matchBinaries", "NotIn", finds, "values: [/bin/nothing]"),
            make("matchBinaries", "Prefix", finds, "values: [\"\(folder)\"]"),
            make("matchBinaries", "NotPrefix", "", "values: [\"\(folder)\"]"),
            make("matchBinaries", "Postfix", finds, "values: [/workload]"),
            make("matchBinaries", "NotPostfix", "", "values: [/workload]"),
            make("matchParentBinaries", "In", finds, "values: [\"\(Machine.resolved("/proc/self/exe"))\"]"),
            make("matchParentBinaries", "NotIn", finds, "values: [/bin/nothing]"),
            make("matchNamespaces", "In", finds, "namespace: Net, values: [host_ns]"),
            make("matchNamespaces", "NotIn", finds, "namespace: Mnt, values: [\"1\"]"),
            make("matchCapabilities", "In", finds, "type: Effective, values: [CAP_SYS_CHROOT]"),
            make("matchCapabilities", "NotIn", "", "type: Effective, values: [CAP_SYS_CHROOT]"),
        ]
    }
}
