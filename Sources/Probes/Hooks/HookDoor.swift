import BPF

/// What is attached to a hook's place, as long as any policy watches it; leads to whichever program is the hook's.
package final class HookDoor {
    private let point: HookPoint
    private let loaded: BPFLoaded<HookDoorSkeleton>
    private var entry: LinkBox?
    private var exit: LinkBox?

    /// Has the kernel verify it; it is attached when it first leads somewhere.
    package init(_ point: HookPoint) throws(BPFError) {
        self.point = point
        let object = try BPFObject(HookDoorSkeleton.self)
        let programs = [Self.entry(point.attachment), Self.exit(point.attachment)].compactMap { $0 }
        for program in HookDoorSkeleton.Program.allCases {
            object.setLoads(program, programs.contains(program))
            guard programs.contains(program) else { continue }
            if let target = point.target { try object.setTarget(program, target) }
            if program.isMulti { object.setAttachesToManyUprobes(program) }
        }
        loaded = try object.load()
    }

    /// From the next call on it is this program that runs.
    package func lead(to program: HookProgram) throws(BPFError) {
        // Who waits for returns misses none when it waits first.
        if let returns = try program.exitProgram, let name = Self.exit(point.attachment) {
            try loaded.map(.returns).set(0, program: returns)
            if exit == nil { exit = LinkBox(try link(name, atReturn: true)) }
        }
        try loaded.map(.entries).set(0, program: try program.entryProgram)
        if entry == nil { entry = LinkBox(try link(Self.entry(point.attachment), atReturn: false)) }
        if try program.exitProgram == nil { exit = nil }
    }

    /// Calls that the kernel left out because the program already ran on that CPU.
    package func misses() throws(BPFError) -> UInt64 {
        var sum = try loaded.program(Self.entry(point.attachment)).information.recursionMisses
        if let exit = Self.exit(point.attachment) { sum += try loaded.program(exit).information.recursionMisses }
        return sum
    }

    private static func entry(_ attachment: HookPoint.Attachment) -> HookDoorSkeleton.Program {
        switch attachment {
        case .fentry: .door_fentry
        case .kprobeMulti: .door_kprobe_multi
        case .kprobe: .door_kprobe
        case .lsm: .door_lsm
        case .tracepoint: .door_tracepoint
        case .rawTracepoint: .door_raw_tracepoint
        case .uprobe: HookPoint.attachesToManyUprobes ? .door_uprobe_multi : .door_uprobe
        case .syscallExit, .syscallEnter: preconditionFailure("system calls have one door for all")
        }
    }

    private static func exit(_ attachment: HookPoint.Attachment) -> HookDoorSkeleton.Program? {
        switch attachment {
        case .fentry: .door_fexit
        case .kprobeMulti: .door_kretprobe_multi
        case .kprobe: .door_kretprobe
        case .uprobe: HookPoint.attachesToManyUprobes ? .door_uretprobe_multi : .door_uretprobe
        case .lsm, .tracepoint, .rawTracepoint, .syscallExit, .syscallEnter: nil
        }
    }

    private func link(_ name: HookDoorSkeleton.Program, atReturn: Bool) throws(BPFError) -> BPFLink {
        let program = try loaded.program(name)
        let first = point.functions[0]
        let cookies = point.functions.indices.map { UInt64($0) }
        switch point.attachment {
        case .fentry, .lsm, .syscallExit, .syscallEnter: return try program.attach()
        case .kprobe: return try program.attach(kprobe: first.symbol, atReturn: atReturn)
        case .kprobeMulti:
            return try program.attach(kprobes: point.functions.map(\.symbol), cookies: cookies, atReturn: atReturn)
        case .rawTracepoint: return try program.attach(rawTracepoint: first.symbol)
        case .tracepoint:
            let parts = first.symbol.split(separator: "/", maxSplits: 1).map(String.init)
            return try program.attach(tracepoint: parts.last ?? "", of: parts.first ?? "")
        case .uprobe where name.isMulti:
            return try program.attach(
                uprobes: point.functions.map(\.number),
                of: point.file ?? "",
                counters: point.functions.map(\.counter),
                cookies: cookies,
                atReturn: atReturn
            )
        case .uprobe:
            return try program.attach(
                uprobe: first.number,
                of: point.file ?? "",
                counter: first.counter,
                atReturn: atReturn
            )
        }
    }
}

extension HookDoorSkeleton.Program {
    fileprivate var isMulti: Bool { self == .door_uprobe_multi || self == .door_uretprobe_multi }
}

extension HookPoint {
    /// Whether one link takes many places of a file, and tells which one it is at. Since Linux 6.6.
    package static let attachesToManyUprobes = BPFFeature.uprobeMulti.probe() == nil

    /// The function or hook that the kernel must know before it looks at a program; nil where it does not matter.
    var target: String? {
        guard let function = functions.first else { return nil }
        switch attachment {
        case .fentry: return module.map { "\($0):\(function.symbol)" } ?? function.symbol
        // libbpf puts the prefix before it.
        case .lsm: return String(function.symbol.trimmingPrefix("bpf_lsm_"))
        default: return nil
        }
    }
}
