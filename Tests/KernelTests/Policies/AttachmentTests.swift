import BPF
import CWire
import Filters
import Foundation
import Model
import Probes
import Testing

extension Kernel {
    /// The same calls, seen by every way to attach a program that this kernel has.
    @Suite struct AttachmentTests {
        private static let wanted = Reading(.argument(0), read: MT_READ_FILE, value: MT_VALUE_FILE)

        /// `struct file *` of security_file_open, whatever the program is attached by.
        private func point(_ attachment: HookPoint.Attachment) -> HookPoint {
            let symbol = attachment == .lsm ? "bpf_lsm_file_open" : "security_file_open"
            var functions = [HookPoint.Function(symbol: symbol, name: attachment == .lsm ? "file_open" : symbol)]
            if attachment == .kprobeMulti {
                functions.insert(
                    HookPoint.Function(symbol: "security_file_permission", name: "security_file_permission"),
                    at: 0
                )
            }
            return HookPoint(attachment, functions)
        }

        private func opens(_ attachment: HookPoint.Attachment, of path: String, returns: Bool = false) -> HookRequest {
            var readings = [Self.wanted]
            var shown = [HookRequest.Shown(reading: 0)]
            if returns {
                readings.append(
                    Reading(
                        .returned,
                        read: MT_READ_NUMBER,
                        value: MT_VALUE_INT,
                        width: 4,
                        isSigned: true,
                        isAtReturn: true
                    )
                )
                shown.append(HookRequest.Shown(reading: 1, role: MT_ROLE_RETURN))
            }
            return HookRequest(
                point(attachment),
                kind: attachment == .lsm ? .lsm : .kprobe,
                policy: "opens",
                waitsForReturn: returns,
                argumentCount: 1,
                readings: readings,
                shown: shown,
                rows: [
                    HookRequest.Row(
                        conditions: [Condition(.value(0, .whole), .texts([Array(path.utf8)]))]
                    )
                ]
            )
        }

        private static let works: [(HookPoint.Attachment, Upgrade)] = [
            (.kprobe, .kprobe), (.kprobeMulti, .kprobeMulti), (.fentry, .fentry), (.lsm, .lsm),
        ]

        private static func available(_ among: [HookPoint.Attachment]) -> [HookPoint.Attachment] {
            works.filter { among.contains($0.0) }.filter { if case .works = $0.1.attempt() { true } else { false } }
                .map(\.0)
        }

        @Test(
            .enabled(if: !available([.kprobe, .kprobeMulti, .fentry, .lsm]).isEmpty, "this kernel has none of them"),
            arguments: available([.kprobe, .kprobeMulti, .fentry, .lsm])
        )
        func `A file's path is read and compared, whatever the program is attached by`(
            _ attachment: HookPoint.Attachment
        ) throws {
            let folder = try TemporaryFolder()
            let path = Machine.resolved(folder("")) + "/wanted"
            try Data().write(to: URL(filePath: path))
            let run = try HookRun()
            try run.add(opens(attachment, of: path))
            _ = try Child.run(try Products.workload(), "open", "23", path)
            _ = try Child.run(try Products.workload(), "open", "17", "/dev/null")
            let calls = run.calls()
            #expect(calls.count == 23, "\(attachment)")
            #expect(calls.allSatisfy { $0.path(0) == path && $0.kind == (attachment == .lsm ? 17 : 13) })
            #expect(calls.allSatisfy { $0.function == (attachment == .lsm ? "file_open" : "security_file_open") })
        }

        @Test(
            .enabled(if: !available([.kprobe, .kprobeMulti, .fentry]).isEmpty, "this kernel has none of them"),
            arguments: available([.kprobe, .kprobeMulti, .fentry])
        )
        func `Entry and return come out as one event`(_ attachment: HookPoint.Attachment) throws {
            let folder = try TemporaryFolder()
            let path = Machine.resolved(folder("")) + "/wanted"
            try Data().write(to: URL(filePath: path))
            let run = try HookRun()
            try run.add(opens(attachment, of: path, returns: true))
            _ = try Child.run(try Products.workload(), "open", "23", path)
            let calls = run.calls()
            #expect(calls.count == 23, "\(attachment)")
            #expect(
                calls.allSatisfy {
                    $0.path(0) == path && $0.number(1) == 0 && $0.call.duration > 0 && $0.call.marks == 0
                }
            )
        }

        /// do_exit(long) is never left.
        @Test(
            .enabled(if: !available([.kprobe, .kprobeMulti]).isEmpty, "this kernel has none of them"),
            arguments: available([.kprobe, .kprobeMulti])
        )
        func `A call that never returns is told without its return, with a mark`(
            _ attachment: HookPoint.Attachment
        ) throws {
            let code = Reading(.argument(0), read: MT_READ_NUMBER, value: MT_VALUE_LONG, isSigned: true)
            let run = try HookRun()
            try run.add(
                HookRequest(
                    HookPoint(attachment, [HookPoint.Function(symbol: "do_exit", name: "do_exit")]),
                    kind: .kprobe,
                    policy: "exits",
                    waitsForReturn: true,
                    readings: [code],
                    shown: [HookRequest.Shown(reading: 0)],
                    rows: [HookRequest.Row(conditions: [Condition(.value(0, .whole), .numbers([41 << 8]))])]
                )
            )
            for _ in 0..<7 { _ = try Child.run(try Products.workload(), "exit", "41") }
            #expect(run.calls().isEmpty)
            let records = run.hooks.takeLostReturns(at: 1)
            #expect(records.count == 7)
            for record in records {
                let call = try #require(record.withUnsafeBytes { HookRun.call($0) })
                #expect(call.number(0) == 41 << 8 && call.call.marks == UInt32(MT_CALL_NO_RETURN))
                #expect(call.policy == "exits" && call.function == "do_exit")
            }
            #expect(run.hooks.takeLostReturns(at: 2).isEmpty)
        }

        /// sched_process_exec(struct task_struct *, pid_t, struct linux_binprm *)
        @Test func `A raw tracepoint's arguments are read, and what lies behind them`() throws {
            let program = Reading(.argument(2), read: MT_READ_BINPRM, value: MT_VALUE_BINPRM)
            let path = Machine.resolved("/bin/true")
            let run = try HookRun()
            try run.add(
                HookRequest(
                    HookPoint(
                        .rawTracepoint,
                        [HookPoint.Function(symbol: "sched_process_exec", name: "sched_process_exec")]
                    ),
                    kind: .tracepoint,
                    policy: "execs",
                    readings: [program],
                    shown: [HookRequest.Shown(reading: 0)],
                    rows: [
                        HookRequest.Row(conditions: [Condition(.value(0, .whole), .postfixes([Array("/true".utf8)]))])
                    ]
                )
            )
            for _ in 0..<11 { _ = try Child.run("/bin/true") }
            for _ in 0..<3 { _ = try Child.run("/bin/false") }
            let calls = run.calls()
            #expect(calls.count == 11)
            #expect(calls.allSatisfy { $0.path(0) == path && $0.function == "sched_process_exec" && $0.kind == 14 })
        }

        /// The common fields of a tracepoint's record have 8 bytes; pid_t follows char comm[16] there.
        @Test(
            .enabled(
                if: available(.tracepoint),
                "tracefs is not there, or there are no tracepoints"
            )
        )
        func `A tracepoint's record is read field by field`() throws {
            let comm = Reading(
                .context,
                way: [Reading.Step(offset: 8, isLoad: false)],
                read: MT_READ_STRING,
                value: MT_VALUE_TEXT
            )
            let run = try HookRun()
            try run.add(
                HookRequest(
                    HookPoint(
                        .tracepoint,
                        [HookPoint.Function(symbol: "sched/sched_process_exit", name: "sched_process_exit")]
                    ),
                    kind: .tracepoint,
                    policy: "exits",
                    group: "sched",
                    readings: [comm],
                    shown: [HookRequest.Shown(reading: 0)],
                    rows: [HookRequest.Row(conditions: [Condition(.value(0, .whole), .prefixes([Array("tru".utf8)]))])]
                )
            )
            for _ in 0..<7 { _ = try Child.run("/bin/true") }
            let calls = run.calls()
            #expect(calls.count == 7)
            #expect(calls.allSatisfy { $0.text(0) == "true" })
        }

        private static func available(_ upgrade: Upgrade) -> Bool {
            if case .works = upgrade.attempt() { true } else { false }
        }

        @Test(.enabled(if: available(.uprobe), "this kernel takes no uprobes"))
        func `A function of a program is seen in every process that runs it`() throws {
            let workload = try Products.workload()
            let file = open(workload, O_RDONLY)
            defer { close(file) }
            let offset = try #require(try ELFFile(descriptor: file).functionOffsets(["main"])["main"])
            let count = Reading(.argument(0), read: MT_READ_NUMBER, value: MT_VALUE_INT, width: 4, isSigned: true)
            let run = try HookRun()
            try run.add(
                HookRequest(
                    HookPoint(
                        .uprobe,
                        [HookPoint.Function(symbol: "main", name: "main", number: offset)],
                        file: workload
                    ),
                    kind: .uprobe,
                    policy: "mains",
                    readings: [count],
                    shown: [HookRequest.Shown(reading: 0)],
                    rows: [
                        HookRequest.Row(conditions: [
                            Condition(.value(0, .whole), .ranges([4...4], isSigned: true))
                        ])
                    ]
                )
            )
            for _ in 0..<5 { _ = try Child.run(workload, "open", "1", "/dev/null") }
            _ = try Child.run(workload, "getpid", "1")
            let calls = run.calls()
            #expect(calls.count == 5)
            #expect(calls.allSatisfy { $0.number(0) == 4 && $0.kind == 15 })
        }
    }
}
