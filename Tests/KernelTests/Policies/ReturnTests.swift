import BPF
import CWire
import Filters
import Foundation
import Glibc
import Probes
import Testing

extension Kernel {
    /// What belongs to one call of a function that calls itself: workload_descends(level, word, …), which gives 100 + level
    /// back and, on odd levels, adds a bit to the word.
    @Suite(.enabled(if: KernelFunctions.ofProgramsCanBeHooked, "this kernel takes no uprobes"))
    struct ReturnTests {
        private static let level = Reading(.argument(0), read: MT_READ_NUMBER, value: MT_VALUE_LONG, isSigned: true)
        private static let result = Reading(
            .returned,
            read: MT_READ_NUMBER,
            value: MT_VALUE_LONG,
            isSigned: true,
            isAtReturn: true
        )

        private static func word(atReturn: Bool) -> Reading {
            Reading(
                .argument(1),
                read: MT_READ_CAPABILITY_SET,
                value: MT_VALUE_CAPABILITIES,
                isUser: true,
                isAtReturn: atReturn
            )
        }

        /// Tells of these levels: level, result, the word as it was and as it became.
        private func descents(_ levels: Set<UInt64>, _ more: [Reading] = []) throws -> HookRequest {
            let workload = Machine.resolved(try Products.workload())
            let file = open(workload, O_RDONLY)
            defer { close(file) }
            let name = "workload_descends"
            let offset = try #require(try ELFFile(descriptor: file).functionOffsets([name])[name])
            return HookRequest(
                HookPoint(.uprobe, [HookPoint.Function(symbol: name, name: name, number: offset)], file: workload),
                kind: .uprobe,
                policy: "descents",
                waitsForReturn: true,
                readings: [Self.level, Self.result, Self.word(atReturn: false), Self.word(atReturn: true)] + more,
                shown: [
                    HookRequest.Shown(reading: 0), HookRequest.Shown(reading: 1, role: MT_ROLE_RETURN),
                    HookRequest.Shown(reading: 2), HookRequest.Shown(reading: 3),
                ],
                rows: [HookRequest.Row(conditions: [Condition(.value(0, .whole), .numbers(levels))])]
            )
        }

        private func descend(_ count: Int, from level: Int) throws {
            var calls = Calls()
            calls.add(count, ["descends", "\(level)"])
            try calls.run()
        }

        @Test(arguments: [0, 3, 5])
        func `A return is paired with its own entry, past calls below that no selector wants`(_ level: UInt64) throws {
            let run = try HookRun()
            try run.add(descents([level]))
            try descend(23, from: 5)
            let calls = run.calls()
            #expect(calls.count == 23)
            #expect(calls.allSatisfy { $0.number(0) == level && $0.number(1) == 100 + level && $0.call.marks == 0 })
            #expect(run.hooks.takeLostReturns(at: 1).isEmpty)
        }

        @Test func `A call that has another one below it that is wanted is told without its return`() throws {
            let run = try HookRun()
            try run.add(descents([2, 5]))
            try descend(23, from: 6)
            let calls = run.calls()
            let outer = calls.filter { $0.number(0) == 5 }
            let inner = calls.filter { $0.number(0) == 2 }
            #expect(outer.count == 23 && inner.count == 23 && calls.count == 46)
            #expect(outer.allSatisfy { $0.number(1) == nil && $0.call.marks == UInt32(MT_CALL_NO_RETURN) })
            #expect(inner.allSatisfy { $0.number(1) == 102 && $0.call.marks == 0 })
        }

        @Test func `Who does not wait for the return is told at once, whoever else waits`() throws {
            let run = try HookRun()
            let waiting = try descents([5])
            try run.add(waiting)
            let plain = HookRequest(
                waiting.point,
                kind: .uprobe,
                policy: "plain",
                readings: [Self.level],
                shown: [HookRequest.Shown(reading: 0)],
                rows: [HookRequest.Row(conditions: [Condition(.value(0, .whole), .numbers([5, 2]))])]
            )
            try run.add(plain)
            #expect(run.hooks.verifiedInstructions().count == 2)
            try descend(23, from: 6)
            let calls = run.calls()
            let told = { (policy: String, level: UInt64) in
                calls.indices.filter { calls[$0].policy == policy && calls[$0].number(0) == level }
            }
            #expect(calls.count == 69 && calls.allSatisfy { $0.call.marks == 0 })
            #expect([told("plain", 5), told("plain", 2), told("descents", 5)].map(\.count) == [23, 23, 23])
            for ((outer, inner), after) in zip(zip(told("plain", 5), told("plain", 2)), told("descents", 5)) {
                #expect(outer < inner && inner < after)
            }
            #expect(calls.allSatisfy { $0.policy == "plain" || $0.number(1) == 105 })
        }

        /// Level 2 is given 4,000 bytes, the others 8.
        @Test func `A call that is too long to be kept is told without its return, and takes no other's`() throws {
            let bytes = Reading(
                .argument(2),
                read: MT_READ_BUFFER,
                value: MT_VALUE_BYTES,
                isUser: true,
                size: Reading.Size(argument: 3, width: 8)
            )
            let run = try HookRun()
            try run.add(descents([2, 5], [bytes]))
            try descend(23, from: 6)
            let calls = run.calls()
            let outer = calls.filter { $0.number(0) == 5 }
            let inner = calls.filter { $0.number(0) == 2 }
            #expect(outer.count == 23 && inner.count == 23 && calls.count == 46)
            #expect(outer.allSatisfy { $0.number(1) == 105 && $0.call.marks == 0 })
            #expect(inner.allSatisfy { $0.number(1) == nil && $0.call.marks == UInt32(MT_CALL_NO_RETURN) })
            #expect(inner.allSatisfy { $0.values[4]?.payload.count == 4_000 })
        }

        @Test(arguments: [2, 3])
        func `What an argument points to is read at the return of its own call`(_ level: UInt64) throws {
            let run = try HookRun()
            try run.add(descents([level]))
            try descend(23, from: 5)
            let calls = run.calls()
            let before: UInt64 = 1 << (level + 1)
            let after = level % 2 == 1 ? before | 1 << 21 : before
            #expect(calls.count == 23)
            #expect(calls.allSatisfy { $0.number(2) == before && $0.number(3) == after })
        }
    }
}
