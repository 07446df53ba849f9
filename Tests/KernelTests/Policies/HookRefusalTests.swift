import BPF
import CWire
import Filters
import Foundation
import Logging
import Probes
import Testing

extension Kernel {
    /// Hooks that cannot be had beside others: they leave, say why, and the others go on.
    @Suite struct HookRefusalTests {
        private static let hasFentry = if case .works = Upgrade.fentry.attempt() { true } else { false }

        private static let openat = HookPoint.Function(symbol: "openat", name: "openat", number: 257)

        /// openat's name is what it must be; its flags are read once more, so many bytes of them as no other reads.
        private func opens(_ name: String, _ readings: [Reading]) throws -> HookRequest {
            let text = Reading(.argument(1), read: MT_READ_STRING, value: MT_VALUE_TEXT)
            return HookRequest(
                HookPoint(.syscallExit, [Self.openat]),
                kind: .kprobe,
                policy: name,
                readings: [text] + readings,
                shown: (0...readings.count).map { HookRequest.Shown(reading: $0) },
                rows: [
                    HookRequest.Row(conditions: [
                        try Openat.byWorkload(), Condition(.value(0, .whole), .texts([Array("/martlet-none".utf8)])),
                    ])
                ]
            )
        }

        private func number(_ index: Int) -> Reading {
            Reading(.argument(2), read: MT_READ_NUMBER, value: MT_VALUE_LONG, capacity: 1 + index)
        }

        private func open(_ count: Int) throws {
            var calls = Calls()
            calls.add(count, ["openat", "-100", "s:/martlet-none", "0"], ["dup", "-1"], ["getpgid", "0"])
            try calls.run()
        }

        private func told(_ run: HookRun) -> [String: Int] {
            Dictionary(grouping: run.calls(), by: \.policy).mapValues(\.count)
        }

        @Test func `The 33rd different value of a hook is refused, and those that are there are told all along`() throws
        {
            let run = try HookRun()
            let half = (0..<31).map(number)
            try run.add(opens("first", Array(half.prefix(16))), opens("second", Array(half.suffix(15))))
            let full = run.hooks.verifiedInstructions().count
            // 32 are read: the name and 31 numbers.
            let result = run.hooks.add([[try opens("more", [number(31)])]])[0]
            guard case .design(.values(33))? = result.failures[0] else {
                Issue.record("\(result.failures)")
                return
            }
            #expect(run.hooks.counts(result.ticket).isEmpty && run.hooks.memory(result.ticket) == 0)
            try open(23)
            #expect(told(run) == ["first": 23, "second": 23])
            // What all read already takes no room.
            let same = try run.add(opens("same", [number(7)]))
            try open(19)
            #expect(told(run) == ["first": 19, "second": 19, "same": 19])
            run.hooks.remove(same)
            run.hooks.remove(result.ticket)
            try open(17)
            #expect(told(run) == ["first": 17, "second": 17])
            #expect(run.hooks.verifiedInstructions().count == full)
        }

        @Test func `Of policies that come together only the one that cannot be had is refused`() throws {
            let run = try HookRun()
            try run.add(opens("before", [number(0)]))
            var wordy = try opens("wordy", [number(1)])
            wordy = HookRequest(
                wordy.point,
                kind: .kprobe,
                policy: "wordy",
                tags: (0..<40).map { _ in String(repeating: "t", count: 128) },
                readings: wordy.readings,
                shown: wordy.shown,
                rows: wordy.rows
            )
            let coming = [wordy, try opens("one", [number(2)]), try opens("two", [number(3)]), try opens("three", [])]
            let results = run.hooks.add(coming.map { [$0] })
            #expect(results.map { $0.failures[0] == nil } == [false, true, true, true])
            try open(23)
            #expect(told(run) == ["before": 23, "one": 23, "two": 23, "three": 23])
            for result in results { run.hooks.remove(result.ticket) }
            try open(19)
            #expect(told(run) == ["before": 19])
        }

        /// Each on openat and on dup, in an order of its own or with functions of its own, so that none share a program.
        private func chained(_ index: Int) throws -> HookRequest {
            let other = HookPoint.Function(symbol: "other", name: "other", number: UInt64(900 + index))
            let dup = HookPoint.Function(symbol: "dup", name: "dup", number: 32)
            return HookRequest(
                HookPoint(.syscallExit, index == 32 ? [dup, Self.openat, other] : [Self.openat, other]),
                kind: .kprobe,
                policy: "p\(index)",
                rows: [HookRequest.Row(conditions: [try Openat.byWorkload()])]
            )
        }

        @Test func `A 33rd program on a system call is refused, and is on none of its calls`() throws {
            let run = try HookRun()
            var tickets: [Hooks.Ticket] = []
            for index in 0..<32 { tickets.append(try run.add(chained(index))) }
            _ = run.calls()
            let refused = run.hooks.add([[try chained(32)]])[0]
            guard case .kernel(let error)? = refused.failures[0] else {
                Issue.record("\(refused.failures)")
                return
            }
            #expect(error.log == ["32 hooks are on system call 257 already"])
            #expect(run.hooks.verifiedInstructions().count == 32)
            // The workload itself opens its libraries: told by each alike.
            try open(23)
            let counts = told(run)
            let each = try #require(counts["p0"])
            #expect(each >= 23 && counts.count == 32 && counts.values.allSatisfy { $0 == each })
            run.hooks.remove(tickets[16])
            let now = try run.add(chained(32))
            try open(19)
            let after = told(run)
            #expect(after.count == 32 && after["p16"] == nil)
            #expect(after["p0"] == each - 23 + 19 && after["p31"] == after["p0"])
            // dup is told by this one alone.
            #expect(after["p32"] == each - 23 + 19 + 19)
            run.hooks.remove(now)
        }

        /// A condition whose words lie behind the end of the image: no policy makes such a shape.
        @Test func `What the verifier refuses is told by its decisive lines`() throws {
            let run = try HookRun()
            var shape = HookShape()
            shape.kind = 13
            shape.planes = [mt_plane()]
            shape.planes[0].source = UInt16(MT_SOURCE_PROCESS.rawValue)
            shape.tables = [[.numbers]]
            shape.steps = [UInt8(MT_STEP_PLANE) + 9]
            let maps = try run.probes.makeHookMaps()
            let error = #expect(throws: BPFError.self) {
                _ = try HookProgram(HookPoint(.syscallExit, [Self.openat]), shape, maps: maps)
            }
            let refusal = try #require(error)
            #expect(refusal.step == .load && refusal.errno == EACCES, "\(refusal)")
            #expect(refusal.log.contains { $0.contains("invalid access to map value") }, "\(refusal)")
            #expect(refusal.log.count < 12 && !refusal.log.contains { $0.hasPrefix("processed ") }, "\(refusal)")
        }

        /// An argument that the function does not have, which planning would have found.
        @Test(.enabled(if: hasFentry, "this kernel takes no fentry programs"))
        func `A policy that the verifier refuses is told by its lines, and others at its place and elsewhere load`()
            throws
        {
            let folder = try TemporaryFolder()
            let path = Machine.resolved(folder("")) + "/wanted"
            try Data().write(to: URL(filePath: path))
            let function = HookPoint.Function(symbol: "security_file_open", name: "security_file_open")
            let file = Reading(.argument(0), read: MT_READ_FILE, value: MT_VALUE_FILE)
            func files(_ name: String, _ more: [Reading] = []) -> HookRequest {
                HookRequest(
                    HookPoint(.fentry, [function]),
                    kind: .kprobe,
                    policy: name,
                    readings: [file] + more,
                    shown: (0...more.count).map { HookRequest.Shown(reading: $0) },
                    rows: [HookRequest.Row(conditions: [Condition(.value(0, .whole), .texts([Array(path.utf8)]))])]
                )
            }
            let beyond = Reading(.argument(9), read: MT_READ_NUMBER, value: MT_VALUE_LONG)
            let exact = HookRequest.Row(conditions: [Condition(Openat.name, .texts([Array(path.utf8)]))])
            let run = try HookRun()
            let results = run.hooks.add([
                [files("good")], [files("bad", [beyond])], [Openat.policy("elsewhere", [exact])],
            ])
            #expect(results[0].failures[0] == nil && results[2].failures[0] == nil)
            guard case .kernel(let error)? = results[1].failures[0] else {
                Issue.record("\(results[1].failures)")
                return
            }
            #expect(error.step == .load && !error.log.isEmpty && error.log.count < 12, "\(error)")
            #expect(error.log.contains { $0.contains("invalid bpf_context access") }, "\(error)")
            _ = try Child.run(try Products.workload(), "open", "23", path)
            #expect(told(run) == ["good": 23, "elsewhere": 23])
        }
    }
}
