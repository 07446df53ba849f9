import BPF
import CLinux
import Glibc

/// A kind of hook or a feature of kernel programs that not every kernel has: what it makes better is optional.
package enum Upgrade: String, CaseIterable, Sendable {
    case tracepoint, kprobe, kretprobe
    case kprobeMulti = "kprobe.multi"
    case fentry, fexit
    case fmodRet = "fmod_ret"
    case lsm
    case overrideReturn = "override-return"
    case uprobe
    case uprobeMulti = "uprobe.multi"
    case iterTask = "iter/task"
    case iterTaskSleepable = "iter.s/task"
    case iterTaskFile = "iter/task_file"
    case iterTCP = "iter/tcp"
    case ringBuffer = "ring-buffer"
    case taskStorage = "task-storage"
    case skStorage = "sk-storage"
    case numberIterator = "number-iterator"
    case preemptDisable = "preempt-disable"

    /// Which kernels have it: since when, and built or booted how.
    package var requirement: String {
        switch self {
        case .tracepoint: "CONFIG_FTRACE_SYSCALLS, and tracefs mounted where this process may look into it"
        case .kprobe, .kretprobe: "CONFIG_KPROBES"
        case .kprobeMulti: "Linux 5.18 with CONFIG_FPROBE"
        case .fentry, .fexit: "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS, and no policy that forbids it"
        case .fmodRet: "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS, and no policy that forbids it"
        case .lsm: "CONFIG_BPF_LSM, and bpf in the boot option lsm="
        case .overrideReturn: "CONFIG_BPF_KPROBE_OVERRIDE"
        case .uprobe: "CONFIG_UPROBES; CAP_SYS_ADMIN to attach"
        case .uprobeMulti: "Linux 6.6 with CONFIG_UPROBES"
        case .iterTask, .iterTaskFile: "Linux 5.8"
        case .iterTaskSleepable: "Linux 5.18"
        case .iterTCP: "Linux 5.9"
        case .ringBuffer: "Linux 5.8"
        case .taskStorage, .skStorage: "Linux 5.11; on 7.x presumably a processor with cmpxchg16b"
        case .numberIterator: "Linux 6.4"
        case .preemptDisable: "Linux 6.10"
        }
    }

    /// Loads a program that does nothing, attaches it, makes it run, and lets go of it.
    package func attempt() -> Trial {
        do throws(BPFError) {
            let object = try BPFObject(HooksSkeleton.self)
            for other in HooksSkeleton.Program.allCases { object.setLoads(other, other == program) }
            for map in HooksSkeleton.Map.allCases { try object.setCreates(map, map == self.map) }
            if self == .uprobeMulti { object.setAttachesToManyUprobes(program) }
            let loaded = try object.load()
            try run(try loaded.program(program))
            let runs = try loaded.zeroData.fired
            if runs > 0 { return .works(runs: runs) }
            guard try loaded.zeroData.refused > 0 else { return .silent }
            // Seen on 7.2 without cmpxchg16b, which its lockless allocation presumably needs.
            return .refused(BPFError(step: .run, subject: rawValue, errno: ENOMEM, log: ["runs, but gets no storage"]))
        } catch {
            return .refused(error)
        }
    }

    private func run(_ program: BPFProgram) throws(BPFError) {
        switch self {
        case .ringBuffer: _ = try program.run()
        case .iterTask, .iterTaskSleepable, .iterTaskFile, .iterTCP:
            let pass = try program.attach().iterate()
            var area: UInt64 = 0
            while try withUnsafeMutableBytes(of: &area, { bytes throws(BPFError) in try pass.read(into: bytes) }) > 0 {}
        case .kprobeMulti:
            let link = try program.attach(kprobes: ["security_task_getpgid"])
            provoke(link)
        case .uprobe:
            let offset = UInt64(clinux_probe_target_offset())
            let link = try program.attach(uprobe: offset, of: "/proc/self/exe", process: getpid())
            provoke(link)
        case .uprobeMulti:
            let offset = UInt64(clinux_probe_target_offset())
            let link = try program.attach(uprobes: [offset], of: "/proc/self/exe", process: getpid())
            provoke(link)
        default:
            let link = try program.attach()
            provoke(link)
        }
    }

    /// Does what all of these hooks watch; the link holds until then.
    private func provoke(_ link: borrowing BPFLink) {
        _ = getpgid(getpid())
        clinux_probe_target()
        if self == .skStorage { Provocation.listen() }
    }

    private var program: HooksSkeleton.Program {
        switch self {
        case .tracepoint: .tracepoint
        case .kprobe: .kprobe
        case .kretprobe: .kretprobe
        case .kprobeMulti: .kprobe_multi
        case .fentry: .fentry
        case .fexit: .fexit
        case .fmodRet: .fmod_ret
        case .lsm: .lsm
        case .overrideReturn: .override_return
        case .uprobe: .uprobe_one
        case .uprobeMulti: .uprobe_multi
        case .iterTask: .iter_task
        case .iterTaskSleepable: .iter_task_sleepable
        case .iterTaskFile: .iter_task_file
        case .iterTCP: .iter_tcp
        case .ringBuffer: .ring_buffer
        case .taskStorage: .task_storage
        case .skStorage: .sk_storage
        case .numberIterator: .number_iterator
        case .preemptDisable: .preempt_disable
        }
    }

    private var map: HooksSkeleton.Map? {
        switch self {
        case .ringBuffer: .ring
        case .taskStorage: .task_values
        case .skStorage: .sk_values
        default: nil
        }
    }
}
