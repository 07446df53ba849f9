import CWire
import Filters
import Model
import Policies
import Testing

/// What selectors become.
@Suite struct PlannedFilterTests {
    private let kernel: InventedKernel

    init() throws { kernel = try InventedKernel() }

    private func row(_ selector: String, _ arguments: String = "") throws -> HookRequest.Row {
        let spec = """
            spec:
              lists: [{name: calls, type: syscalls, values: [sys_read, i386/sys_read]}]
              kprobes:
                - call: send
                  syscall: false
                  args: [\(arguments)]
                  selectors: [\(selector)]
            """
        return try #require(try kernel.request(spec).rows.first)
    }

    private func condition(_ comparison: String, _ type: String, _ values: String) throws -> Condition {
        let filter = "{index: 0, operator: \(comparison), values: [\(values)]}"
        return try #require(
            try row("{matchArgs: [\(filter)]}", "{index: 0, type: \(type)}").conditions.first
        )
    }

    @Test func numbersAreCompared() throws {
        // Argument 0 is a pointer: as a number it has 8 bytes, whatever the policy says.
        #expect(
            try condition("Equal", "int64", "\"-1\", \"5\"")
                == Condition(.value(0, .whole), .numbers([UInt64.max, 5]))
        )
        #expect(try condition("NotEqual", "uint64", "\"5\"").isNegated)
        #expect(
            try condition("GT", "int64", "\"-2\"").test
                == .ranges(
                    [0...UInt64(Int64.max), UInt64.max...UInt64.max].sorted { $0.lowerBound > $1.lowerBound },
                    isSigned: true
                )
        )
        #expect(
            try condition("LT", "uint64", "\"5\"").test == .ranges([0...4], isSigned: false)
        )
        #expect(
            try condition("InRange", "int64", "\"-100:100\"").test
                == .ranges([UInt64(bitPattern: -100)...UInt64.max, 0...100], isSigned: true)
        )
        #expect(
            try condition("InRange", "uint64", "\"1:100\", \"90:200\"").test == .ranges([1...200], isSigned: false)
        )
        #expect(try condition("Mask", "uint64", "\"1\", \"4\"").test == .bits(5))
    }

    @Test func aListOfSystemCallsIsTheirNumbers() throws {
        #expect(try condition("InMap", "uint64", "\"list:calls\"").test == .numbers([0, 3 + 1 << 32]))
    }

    @Test func textsAreCompared() throws {
        #expect(try condition("Equal", "file", "/a, /b").test == .texts([Array("/a".utf8), Array("/b".utf8)]))
        #expect(
            try condition("NotPrefix", "file", "/a")
                == Condition(.value(0, .whole), .prefixes([Array("/a".utf8)]), isNegated: true)
        )
        #expect(try condition("Postfix", "string", ".so").test == .postfixes([Array(".so".utf8)]))
        #expect(
            try condition("FileType", "file", "reg, dir")
                == Condition(.value(0, .fileType), .numbers([0o100000, 0o040000]))
        )
    }

    @Test func socketsAreCompared() throws {
        #expect(
            try condition("DPort", "sock", "\"443\", \"8000:8099\"")
                == Condition(.value(0, .destinationPort), .ranges([443...443, 8000...8099], isSigned: false))
        )
        #expect(
            try condition("SPortPriv", "sock", "")
                == Condition(.value(0, .sourcePort), .ranges([0...1023], isSigned: false))
        )
        #expect(
            try condition("NotDAddr", "sock", "10.0.0.0/8")
                == Condition(
                    .value(0, .destinationAddress),
                    .addresses([Condition.Prefix(bytes: [10, 0, 0, 0], length: 8)]),
                    isNegated: true
                )
        )
        #expect(try condition("Family", "sock", "AF_INET6") == Condition(.value(0, .family), .numbers([10])))
        #expect(
            try condition("Protocol", "sock", "IPPROTO_TCP") == Condition(.value(0, .networkProtocol), .numbers([6]))
        )
        #expect(try condition("State", "sock", "TCP_LISTEN") == Condition(.value(0, .state), .numbers([10])))
    }

    @Test func capabilitiesAreCompared() throws {
        let row = try row(
            "{matchArgs: [{operator: CapabilitiesGained, args: [0, 1]}, {args: [1], operator: Equal, values: [CAP_KILL]}]}",
            "{index: 0, type: cap_permitted}, {index: 0, type: cap_effective}"
        )
        #expect(
            row.conditions == [
                Condition(.gained(old: 0, new: 1), .bits(.max)), Condition(.value(1, .whole), .numbers([1 << 5])),
            ]
        )
    }

    @Test func processesAreCompared() throws {
        let row = try row(
            """
            {matchPIDs: [{operator: In, values: [1]}, {operator: NotIn, values: [2], followForks: true},
              {operator: In, values: [3], isNamespacePID: true}],
             matchBinaries: [{operator: In, values: [/a], followChildren: true}, {operator: NotPostfix, values: [b]}],
             matchParentBinaries: [{operator: NotIn, values: [/c]}],
             matchNamespaces: [{namespace: Net, operator: NotIn, values: [host_ns, "7"]}],
             matchCapabilities: [{type: Permitted, operator: NotIn, values: [CAP_KILL], isNamespaceCapability: true}]}
            """
        )
        #expect(
            row.conditions == [
                Condition(.process, .numbers([1])), Condition(.ancestry, .numbers([2]), isNegated: true),
                Condition(.namespacedProcess, .numbers([3])), Condition(.lineage, .texts([Array("/a".utf8)])),
                Condition(.binary, .postfixes([Array("b".utf8)]), isNegated: true),
                Condition(.parentBinary, .texts([Array("/c".utf8)]), isNegated: true),
                Condition(.namespace(5), .numbers([4_026_531_840, 7]), isNegated: true),
                Condition(.permitted, .bits(1 << 5), isNegated: true),
                Condition(.isInHostUserNamespace, .numbers([0])),
            ]
        )
    }

    @Test func aNamespaceThatIsNotKnownIsNoCondition() throws {
        let spec = """
            spec:
              kprobes:
                - call: wake
                  syscall: false
                  selectors: [{matchNamespaces: [{namespace: Mnt, operator: In, values: [host_ns]}]}]
            """
        #expect(try kernel.reasons(spec).first?.contains("Mnt namespace is not known here") == true)
    }

    @Test func eventsAreLimited() throws {
        let row = try row("{matchActions: [{action: Post, rateLimit: 1m, rateLimitScope: global}]}")
        #expect(row.posts && row.rate == 60_000_000_000 && row.scope == MT_SCOPE_GLOBAL)
        #expect(try !self.row("{matchActions: [{action: NoPost}]}").posts)
        #expect(try self.row("{label: x}").label == "x")
    }

    @Test func changesAreBitsOfKindsAndCapabilities() throws {
        let names = "matchNamespaceChanges: [{operator: In, values: [Uts, Net]}]"
        let sets = "matchCapabilityChanges: [{type: Permitted, operator: NotIn, values: [CAP_CHOWN, CAP_KILL]}]"
        #expect(
            try row("{\(names), \(sets)}").conditions == [
                Condition(.changedNamespaces, .bits(1 << 0 | 1 << 5)),
                Condition(.changedPermitted, .bits(1 << 0 | 1 << 5), isNegated: true),
            ]
        )
    }

    @Test func anExpressionIsOneConditionOverItsArguments() throws {
        let filter = "{args: [0, 1], operator: CelExpr, values: [\"arg1 > 3 && arg0 == arg1\"]}"
        let row = try row("{matchArgs: [\(filter)]}", "{index: 0, type: int64}, {index: 1, type: int64}")
        let expected = try NumberExpression([
            .number(3), .value(1), .lessSigned, .value(0), .value(1), .equal, .and,
        ])
        #expect(row.conditions == [Condition(.expression(expected), .numbers([1]))])
    }

    @Test func aTextThatThisKernelCannotCompareIsRefused() throws {
        var kernel = kernel
        kernel.longestText = 504
        let name = String(repeating: "n", count: 505)
        let spec = """
            spec:
              kprobes:
                - call: send
                  syscall: false
                  args: [{index: 0, type: string}]
                  selectors: [{matchArgs: [{index: 0, operator: Equal, values: [\(name)]}], matchBinaries: [{operator: In, values: [/\(name)]}]}]
            """
        #expect(try kernel.reasons(spec).count == 2)
        #expect(
            try kernel.reasons(spec).last?.hasSuffix(
                "matchArgs.values: this kernel compares texts of up to 504 bytes as a whole, and one has 505: it takes Linux 5.11, "
                    + "or Prefix and Postfix"
            ) == true
        )
        #expect(try self.kernel.reasons(spec).isEmpty)
    }

    /// The condition on pods and containers of a policy with these selectors.
    private func scope(_ spec: String) throws -> Condition? {
        let rows = try kernel.request("spec:\n  \(spec)\n  kprobes: [{call: wake, syscall: false}]").rows
        return rows.first?.conditions.first
    }

    @Test func aPolicyForPodsAndContainersIsAConditionOfEachSelector() throws {
        let web = LabelSelector(requirements: [.init(key: "name", operator: .isIn, values: ["web"])])
        #expect(
            try scope("containerSelector: {matchLabels: {name: web}}")
                == Condition(
                    .cgroup,
                    .workloads(WorkloadScope(pods: nil, containers: web, includesHost: false))
                )
        )
        // Who is not meant must not be found, so that the host passes.
        #expect(try scope("{podSelector: {matchLabels: {app: web}}, hostSelector: {}}".dropBraces)?.isNegated == true)
        // All of everything is no condition.
        #expect(try scope("{podSelector: {}, containerSelector: {}, hostSelector: {}}".dropBraces) == nil)
        // The host alone: no container is meant, and so each must not be found.
        let host = WorkloadScope(pods: nil, containers: nil, includesHost: true)
        #expect(try scope("hostSelector: {}") == Condition(.cgroup, .workloads(host), isNegated: true))
        let both = try row("{matchWorkloads: {containerSelector: {}}, matchPIDs: [{operator: In, values: [1]}]}")
        #expect(both.conditions.map(\.source) == [.cgroup, .process])
    }
}

extension String {
    /// Members of a mapping on lines of their own.
    fileprivate var dropBraces: String {
        String(dropFirst().dropLast()).replacing(", ", with: "\n  ")
    }
}
