import Foundation
import Policies
import Testing

/// The policies of `Policies/`, which use every field at least once.
@Suite struct PolicyFileTests {
    private let policies: [TracingPolicy]
    private let hooks: [any PolicyHook]
    private let selectors: [PolicySelector]

    init() throws {
        var collection = PolicyCollection()
        for file in Reading.files { collection.read(Array(try Data(contentsOf: file)), file: file.lastPathComponent) }
        #expect(collection.isRight)
        policies = collection.policies
        hooks = policies.flatMap(\.spec.hooks)
        let macros = policies.flatMap(\.spec.macros.values)
        selectors = hooks.flatMap(\.body.selectors) + macros
    }

    @Test func allAreRead() {
        #expect(Reading.files.count == 20)
        #expect(policies.count == 21)
    }

    @Test func everyTypeIsUsed() {
        let used = Set(hooks.flatMap { $0.body.arguments + $0.body.data }.map(\.type))
        #expect(Set(ArgumentType.allCases).subtracting(used).isEmpty)
    }

    @Test func everyOperatorIsUsed() {
        let filters = selectors.flatMap { $0.arguments + $0.data + $0.returns }
        #expect(Set(FilterOperator.allCases).subtracting(filters.map(\.operator.value)).isEmpty)
        let binaries = selectors.flatMap { $0.binaries + $0.parentBinaries }
        #expect(
            Set(BinaryFilter.Operator.allCases).subtracting(binaries.map(\.operator)).isEmpty
        )
    }

    @Test func everyActionIsUsed() {
        let actions = selectors.flatMap { $0.actions + $0.returnActions }
        #expect(Set(ActionName.allCases).subtracting(actions.map(\.effect.name)).isEmpty)
    }

    @Test func everySectionIsUsed() {
        #expect(Set(HookSection.allCases) == Set(hooks.map(\.section)))
        #expect(policies.contains { $0.spec.loader } && policies.contains { !$0.spec.enforcers.isEmpty })
    }

    @Test func everyFieldIsUsed() throws {
        var text = ""
        for file in Reading.files { text += try String(contentsOf: file, encoding: .utf8) }
        // Every field of docs/policies.md.
        for field in Self.fields { #expect(text.contains("\(field):"), "\(field)") }
    }

    private static let fields = [
        "apiVersion", "kind", "metadata", "name", "namespace", "labels", "annotations", "spec", "status", "kprobes",
        "tracepoints", "uprobes", "lsmhooks", "usdts", "fentries", "loader", "podSelector", "containerSelector",
        "hostSelector", "nodeSelector", "lists", "enforcers", "options", "selectorsMacros", "call", "syscall", "return",
        "message", "args", "data", "returnArg", "returnArgAction", "selectors", "tags", "ignore", "callNotFound",
        "index", "type", "resolve", "sizeArgIndex", "returnCopy", "maxData", "label", "source", "btfType",
        "btfTypeModule", "subsystem", "event", "raw", "path", "btfPath", "symbols", "offsets", "addrs",
        "refCtrOffsets", "binaryDigests", "digestVerificationFailure", "provider", "hook", "values", "pattern",
        "validated", "calls", "value", "matchPIDs", "matchArgs", "matchData", "matchReturnArgs", "matchActions",
        "matchReturnActions", "matchBinaries", "matchParentBinaries", "matchNamespaces", "matchNamespaceChanges",
        "matchCapabilities", "matchCapabilityChanges", "matchWorkloads", "macros", "isNamespacePID", "followForks",
        "followChildren", "isNamespaceCapability", "operator", "action", "rateLimit", "rateLimitScope",
        "kernelStackTrace", "userStackTrace", "imaHash", "argSig", "argError", "argRegs", "argNewSymbol", "argNewAddr",
        "argNewOffset", "argUrl", "argFqdn", "argSock", "argIndex", "argValue", "argFd", "argName", "matchLabels",
        "matchExpressions", "key",
    ]

    @Test func theirDescriptionsAreThese() throws {
        let text = policies.map { PolicyDescription($0).text }.joined(separator: "\n")
        let golden = try String(contentsOf: Reading.folder.appending(path: "Descriptions.txt"), encoding: .utf8)
        for (line, expected) in zip(
            text.components(separatedBy: "\n"),
            golden.components(separatedBy: "\n")
        ) { #expect(line == expected) }
        #expect(text.count == golden.count)
    }
}
