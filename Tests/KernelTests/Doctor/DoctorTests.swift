import CLibBPF
import Doctor
import Foundation
import Probes
import Testing

extension Kernel {
    /// What `martlet doctor` says, beside what the kernel says elsewhere and what `martlet run` then does.
    @Suite struct DoctorTests {
        private static let outcome = Result {
            try Child([try Products.martlet(), "doctor", "-o", "json"]).wait(seconds: 300)
        }

        private let report: Report

        init() throws {
            let outcome = try Self.outcome.get()
            report = try Report(json: outcome.output.utf8)
            #expect(outcome.code == report.verdict.exitStatus)
        }

        private func check(_ name: String) throws -> Check {
            try #require(report.checks.first { $0.name == name }, "\(name)")
        }

        /// A part that the compiler made of a function counts as the function. Read by grep: it is some ten megabytes.
        private func kernelHas(_ symbol: String) throws -> Bool {
            let pattern = " \(symbol)(\\.[a-z0-9.]+)?([[:space:]]|$)"
            return try Child.run("grep", "-qE", pattern, "/proc/kallsyms").outcome.code == 0
        }

        /// What is in the kernel works, what is not is told as missing: symbols and versions know it from elsewhere.
        @Test(arguments: [
            (Upgrade.kprobe, "register_kprobe"), (.kretprobe, "register_kretprobe"), (.kprobeMulti, "register_fprobe"),
            (.overrideReturn, "bpf_override_return"), (.numberIterator, "bpf_iter_num_new"),
            (.preemptDisable, "bpf_preempt_disable"), (.uprobe, "uprobe_register"),
        ])
        func `A hook works exactly where the kernel has its function`(upgrade: Upgrade, symbol: String) throws {
            let isThere = try kernelHas(symbol)
            #expect(try check(upgrade.rawValue).verdict == (isThere ? .ok : .failed))
        }

        @Test(arguments: [
            (Upgrade.iterTask, (5, 8)), (.iterTaskFile, (5, 8)), (.iterTCP, (5, 9)), (.ringBuffer, (5, 8)),
            (.taskStorage, (5, 11)), (.skStorage, (5, 11)), (.iterTaskSleepable, (5, 18)), (.uprobeMulti, (6, 6)),
        ])
        func `A feature works exactly from its version on`(upgrade: Upgrade, since: (Int, Int)) throws {
            // 7.x allocates storage without locks, which takes an instruction that the emulated processor goes without.
            let isStorage = [.taskStorage, .skStorage].contains(upgrade)
            let canStore = Machine.kernel < (7, 0) || Machine.contents("/proc/cpuinfo").contains(" cx16")
            let isThere = Machine.kernel >= since && (!isStorage || canStore)
            #expect(try check(upgrade.rawValue).verdict == (isThere ? .ok : .failed))
        }

        @Test(arguments: [Upgrade.fentry, .fexit, .fmodRet, .lsm])
        func `What trampolines carry runs, or the kernel's refusal is told`(upgrade: Upgrade) throws {
            let check = try check(upgrade.rawValue)
            switch check.verdict {
            case .ok: #expect(check.found == "ran")
            default:
                // Refused by number, or never run where bpf is no active security module.
                #expect(check.found.contains("(errno ") || check.found.contains("bpf is not among"), "\(check)")
                #expect(check.remedy?.hasPrefix("needs ") == true)
            }
        }

        @Test func `Where BPF is not among the security modules, its programs load and never run`() throws {
            let modules = try check("security-modules")
            guard modules.verdict == .ok, !modules.found.split(separator: ",").contains("bpf") else { return }
            let lsm = try check("lsm")
            #expect(lsm.verdict == .failed)
        }

        @Test func `A run has the events that were promised, and misses those that were not`() throws {
            let run = try AgentRun("all")
            let errors = try run.stop().outcome.errors
            #expect(report.verdict != .cannotRun)
            for observation in Observation.allCases {
                let isMissing = errors.contains("\(observation.rawValue) events are not available")
                #expect(try check(observation.rawValue).verdict == (isMissing ? .failed : .ok))
            }
        }

        @Test func `Every observation saw what happened while it was tried`() throws {
            for observation in Observation.allCases where observation != .shell || access("/bin/bash", X_OK) == 0 {
                let check = try check(observation.rawValue)
                #expect(check.verdict == .ok)
                #expect(check.found.firstMatch(of: #/^[1-9]\d* events? while trying$/#) != nil, "\(check.found)")
            }
        }

        @Test func `With two capabilities alone it tries everything that these allow`() throws {
            let folder = try TemporaryFolder()
            let program = folder("martlet")
            try FileManager.default.copyItem(atPath: try Products.martlet(), toPath: program)
            chmod(folder(""), 0o755)
            let outcome = try Child(Privileges.twoCapabilities + [program, "doctor", "-o", "json"]).wait(seconds: 300)
            let least = try Report(json: outcome.output.utf8)
            #expect(least.checks.first { $0.name == "capabilities" }?.found == "CAP_PERFMON, CAP_BPF")
            // Before 6.6 hooks on shells need a third.
            let hasLinks = try check("uprobe.multi").verdict == .ok
            let missing = least.checks.filter { $0.group == .observations && $0.verdict != .ok }.map(\.name)
            #expect(missing == (hasLinks ? [] : ["shell"]))
            #expect(least.verdict == (hasLinks ? .everything : .degraded))
        }

        @Test func `It tells each user what works, and a run then has it`() throws {
            let folder = try TemporaryFolder()
            let program = folder("martlet")
            try FileManager.default.copyItem(atPath: try Products.martlet(), toPath: program)
            let tool = [program, "doctor", "--user", "-o", "json"]
            let outcome = try Child(Privileges.twoCapabilities + tool).wait(seconds: 300)
            let user = try Report(json: outcome.output.utf8)
            let links = try check("uprobe.multi").verdict == .ok
            for check in user.checks where check.group == .observations {
                guard check.name == Observation.shell.rawValue else {
                    #expect(check.verdict == .ok, "\(check)")
                    continue
                }
                #expect(check.verdict == (links ? .degraded : .failed))
                #expect(check.found.contains(links ? "less than with" : "CAP_SYS_ADMIN is missing"))
            }
            #expect(user.verdict == .degraded)
            let errors = try AgentRun("all", program: program, through: Privileges.twoCapabilities).stop().outcome
                .errors
            #expect(errors.contains("shell events are not available") == !links)
        }

        @Test func `Nothing of what was tried stays in the kernel`() throws {
            let names = Set(Upgrade.allCases.map { $0.rawValue.replacing(#/[^a-z_]/#, with: "_") })
            // Somebody else's doctor may be at work.
            let isGone = eventually {
                var id: UInt32 = 0
                while bpf_prog_get_next_id(id, &id) == 0 {
                    let descriptor = bpf_prog_get_fd_by_id(id)
                    guard descriptor >= 0 else { continue }
                    defer { close(descriptor) }
                    var info = bpf_prog_info()
                    var length = UInt32(MemoryLayout<bpf_prog_info>.size)
                    guard bpf_obj_get_info_by_fd(descriptor, &info, &length) == 0 else { continue }
                    let name = withUnsafeBytes(of: info.name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
                    if names.contains(name) { return false }
                }
                return true
            }
            #expect(isGone)
        }
    }
}
