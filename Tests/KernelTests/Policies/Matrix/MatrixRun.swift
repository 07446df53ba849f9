import CWire
import Filters
import Foundation
import Policies
import Testing

/// Runs groups of cases by real policies: read, planned for this kernel, loaded, and told.
final class MatrixRun {
    private static let section = ["raw tracepoints": "tracepoints", "syscalls": "kprobes"]

    let run: HookRun
    private let kernel = RunningKernel()
    private let workload: String
    private var names = 0

    init() throws {
        run = try HookRun()
        workload = Machine.resolved(try Products.workload())
    }

    private struct Entry {
        let name: String
        let test: MatrixCase
        var failure: String?
        var requests: [HookRequest] = []
        var ticket: Hooks.Ticket?
    }

    /// How many cases share a program: verifiers before 6.4 take long for many conditions.
    private static let together = Machine.kernel < (6, 4) ? 8 : 128

    func results(_ group: MatrixGroup) throws -> [MatrixResult] {
        try stride(from: 0, to: group.cases.count, by: Self.together).flatMap { first in
            try results(group, Array(group.cases.dropFirst(first).prefix(Self.together)))
        }
    }

    private func results(_ group: MatrixGroup, _ cases: [MatrixCase]) throws -> [MatrixResult] {
        var entries = cases.map { entry($0, group) }
        load(&entries)
        _ = run.calls()
        var calls = Calls()
        for (steps, count) in zip(group.calls, MatrixGroup.counts) { calls.add(count, steps) }
        if entries.contains(where: { $0.failure == nil }) { try calls.run() }
        let told = Dictionary(grouping: run.calls(), by: \.policy)
        // All at once: each by itself would make a new program of those that stay.
        run.hooks.detach()
        return entries.map { entry in
            let (outcome, detail) = judge(entry, group, told[entry.name] ?? [])
            return MatrixResult(
                section: group.section,
                call: group.name,
                type: entry.test.type,
                comparison: entry.test.comparison,
                outcome: outcome,
                detail: detail
            )
        }
    }

    private func judge(_ entry: Entry, _ group: MatrixGroup, _ calls: [HookRun.Call]) -> (MatrixResult.Outcome, String)
    {
        if let failure = entry.failure { return (.notLoadable, failure) }
        let expected = group.count(entry.test.finds)
        guard calls.count == expected else { return (.no, "\(calls.count) calls in place of \(expected)") }
        let isMatrixType = ArgumentType(name: entry.test.type) != nil
        for call in calls where isMatrixType && entry.test.comparison != "skip" {
            let value = call.values.values.first { $0.marks & UInt32(MT_VALUE_UNREADABLE) != 0 }
            if value != nil { return (.no, "a value could not be read") }
            guard entry.test.comparison == "read" else { continue }
            for text in entry.test.values {
                let isThere = call.values.values.contains { String(decoding: $0.payload, as: UTF8.self).contains(text) }
                if !isThere { return (.no, "told without \(text)") }
            }
        }
        return (.yes, "")
    }

    /// All at once; what fails in company is tried alone.
    private func load(_ entries: inout [Entry]) {
        let wanted = entries.indices.filter { entries[$0].failure == nil }
        for (index, result) in zip(wanted, run.hooks.add(wanted.map { entries[$0].requests })) {
            entries[index].ticket = result.ticket
            guard result.failures.contains(where: { $0 != nil }) else { continue }
            run.hooks.remove(result.ticket)
            let again = run.hooks.add([entries[index].requests])[0]
            entries[index].ticket = again.ticket
            entries[index].failure = again.failures.compactMap { $0.map { "\($0)" } }.first
        }
    }

    private func entry(_ test: MatrixCase, _ group: MatrixGroup) -> Entry {
        names += 1
        var entry = Entry(name: "c\(names)", test: test)
        var collection = PolicyCollection()
        collection.read(Array(text(test, group, entry.name).utf8), file: "matrix")
        guard let policy = collection.policies.first else {
            entry.failure = "refused: \(collection.problems.first.map { "\($0)" } ?? "?")"
            return entry
        }
        for hook in PolicyPlan(policy, on: kernel).hooks {
            switch hook.outcome {
            case .loads(let requests): entry.requests += requests
            case .skipped(let problem): entry.failure = problem.what
            case .refused(let problems): entry.failure = problems.first?.what ?? "refused"
            }
        }
        return entry
    }

    private func quoted(_ text: String) -> String {
        "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }

    private func text(_ test: MatrixCase, _ group: MatrixGroup, _ name: String) -> String {
        let section = Self.section[group.section] ?? group.section
        var hook = group.hook
        if group.section == "raw tracepoints" { hook += ", raw: true" }
        if group.section == "kprobes" || group.section == "fentries" { hook += ", syscall: false" }
        var selector: [String] = []
        if group.isOfWorkload, test.selector?.contains("matchBinaries") != true {
            selector.append("matchBinaries: [{operator: In, values: [\(quoted(workload))]}]")
        }
        let values = "operator: \(test.comparison), values: [\(test.values.map(quoted).joined(separator: ", "))]"
        let isValue = ArgumentType(name: test.type) != nil
        let isReturned = isValue && test.index < 0
        var conditions = group.gate.map { [$0] } ?? []
        if let own = test.selector {
            if !own.isEmpty { selector.append(own) }
        } else if test.comparison != "read" {
            if isReturned {
                selector.append("matchReturnArgs: [{index: 0, \(values)}]")
            } else {
                conditions.append("{args: [0], \(values)}")
            }
        }
        if !conditions.isEmpty { selector.append("matchArgs: [\(conditions.joined(separator: ", "))]") }
        let more = test.more.isEmpty ? "" : ", \(test.more)"
        var arguments = isValue && !isReturned ? ["{index: \(test.index), type: \(test.type)\(more)}"] : []
        if let gate = group.gateArgument {
            // The gate counts on its position.
            if arguments.isEmpty { arguments.append(gate) }
            arguments.append(gate)
        }
        var argument = arguments.isEmpty ? "" : ", args: [\(arguments.joined(separator: ", "))]"
        if isReturned { argument += ", return: true, returnArg: {index: 0, type: \(test.type)\(more)}" }
        let selectors = selector.isEmpty ? "" : ", selectors: [{\(selector.joined(separator: ", "))}]"
        return """
            apiVersion: cilium.io/v1alpha1
            kind: TracingPolicy
            metadata: {name: \(name)}
            spec:
              \(section):
                - {\(hook)\(argument)\(selectors)}
            """
    }
}
