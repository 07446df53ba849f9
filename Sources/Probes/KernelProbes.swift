import BPF
import CWire
import Glibc
import Logging
import Model

/// The kernel programs of this agent, loaded and attached, and the rings that they write to.
///
/// Everything leaves the kernel with this object, or with the process.
package final class KernelProbes {
    /// The lanes' rings by number, for the reader to take: 0 is the life-cycle lane.
    package private(set) var rings: [RingBox]
    /// What could not be loaded or attached, and why.
    package private(set) var missing: [(observation: Observation, error: BPFError)] = []

    /// What it was to watch.
    private var asked: [Observation] = []
    private let core: BPFLoaded<CoreSkeleton>
    private var loaded: [any LoadedObservation] = []
    private var links: [LinkBox] = []
    /// Which process owns which TCP socket: shared by the programs that find it out. Lives as long as `loaded`.
    private var socketOwners: BPFMapReference?
    /// Whom the program that looks for breakouts hands opens on to. Lives as long as `loaded`.
    private var breakoutNext: BPFMapReference?
    /// Whether a program waits for the return of system calls.
    private var isDispatching = false
    private let settings: ProbeSettings
    private let attacher: UprobeAttacher?
    private let looker: ProcessLooker?
    private let logger: Logger
    /// Looks for shells; nil when typed lines are not watched.
    package private(set) var shells: ShellWatcher?
    /// This process, as the kernel numbers it.
    package let ownTgid: UInt32

    /// Loads and attaches what `settings` asks for; nothing of it stays when this throws.
    ///
    /// - Parameters:
    ///   - minimum: what must be there, asked for or not.
    ///   - attacher: hooks typed lines; nil: the kernel's own links do (from 6.6 on).
    ///   - looker: looks into other processes for shells, when this one may not.
    package init(
        _ settings: ProbeSettings,
        minimum: Set<Observation> = Observation.minimum,
        attacher: UprobeAttacher? = nil,
        looker: ProcessLooker? = nil,
        logger: Logger
    ) throws(ProbeError) {
        self.settings = settings
        self.attacher = attacher
        self.looker = looker
        self.logger = logger
        do {
            try Self.check(settings)
            core = try BPFObject(CoreSkeleton.self).load()
            ownTgid = try core.program(.identify).run()
            rings = try Self.makeRings(settings, core)
        } catch let error as BPFError {
            throw .shared(error)
        } catch let error as ProbeError {
            throw error
        } catch {
            throw .setting("\(error)")
        }
        try add(settings.observations.union(minimum), minimum: minimum)
    }

    /// Also watches these, as far as it is possible; those that are watched already go on undisturbed.
    package func watch(_ observations: Set<Observation>) {
        do { try add(observations, minimum: []) } catch { logger.error("\(error)") }
    }

    private func add(_ observations: Set<Observation>, minimum: Set<Observation>) throws(ProbeError) {
        let new = Observation.allCases.filter { observations.contains($0) && !asked.contains($0) }
        let dispatched = isDispatching
        for observation in new {
            asked.append(observation)
            do {
                try add(observation)
            } catch {
                if minimum.contains(observation) { throw .minimum(observation, error) }
                note(missing: observation, error)
            }
        }
        guard isDispatching, !dispatched else { return }
        do {
            links.append(LinkBox(try core.program(.syscall_exit).attach()))
        } catch {
            isDispatching = false
            for observation in [Observation.execFailed, .open, .tcp, .breakout] where new.contains(observation) {
                note(missing: observation, error)
            }
        }
    }

    private func note(missing observation: Observation, _ error: BPFError) {
        logger.warning("\(observation.rawValue) events are not available: \(error)")
        missing.append((observation, error))
    }

    /// Whether it is watched, and works.
    package func watches(_ observation: Observation) -> Bool {
        asked.contains(observation) && !missing.contains { $0.observation == observation }
    }

    /// What it was to watch, each with why it does not.
    package var observations: [(Observation, BPFError?)] {
        asked.map { observation in (observation, missing.first { $0.observation == observation }?.error) }
    }

    deinit { shells?.stop() }

    private static func check(_ settings: ProbeSettings) throws(ProbeError) {
        guard (1...64).contains(settings.pool), settings.pool & (settings.pool - 1) == 0 else {
            throw .setting("the number of rings must be 1, 2, 4, 8, 16, 32 or 64, not \(settings.pool)")
        }
        guard max(settings.ringBytes, settings.lifeCycleBytes) <= ProbeSettings.maximumRing else {
            throw .setting("a ring can have at most \(ProbeSettings.maximumRing >> 20) MiB")
        }
        guard (1...ProbeSettings.maximumSockets).contains(settings.sockets) else {
            throw .setting(
                "owners of 1 to \(ProbeSettings.maximumSockets) sockets can be remembered, not \(settings.sockets)"
            )
        }
        guard (0...ProbeSettings.maximumArgs).contains(settings.argsLimit) else {
            throw .setting(
                "at most \(ProbeSettings.maximumArgs) bytes of arguments can be kept, not \(settings.argsLimit)"
            )
        }
        guard (1...ProbeSettings.maximumLine).contains(settings.lineLimit) else {
            throw .setting(
                "at least 1 and at most \(ProbeSettings.maximumLine) bytes of a line can be kept, not \(settings.lineLimit)"
            )
        }
        guard settings.environment.count <= ProbeSettings.maximumEnvironment else {
            throw .setting("at most \(ProbeSettings.maximumEnvironment) environment variables can be allowed")
        }
        for name in settings.environment where !ProbeSettings.isEnvironmentName(name) {
            throw .setting("'\(name)' is no name of an environment variable: 1 to 63 bytes without '='")
        }
    }

    private static func makeRings(
        _ settings: ProbeSettings,
        _ core: borrowing BPFLoaded<CoreSkeleton>
    ) throws(BPFError) -> [RingBox] {
        let map = try core.map(.rings)
        var rings: [RingBox] = []
        for lane in 0...settings.pool {
            let bytes = lane == 0 ? settings.lifeCycleBytes : settings.ringBytes
            let ring = try RingBuffer(name: ringName(lane), bytes: bytes)
            try map.set(UInt32(lane), map: ring.descriptor)
            rings.append(RingBox(ring))
        }
        return rings
    }

    private func add(_ observation: Observation) throws(BPFError) {
        switch observation {
        case .fork: try attach(observation, try prepare(ForkSkeleton.self).load(), .process_fork)
        case .exit: try attach(observation, try prepare(ExitSkeleton.self).load(), .process_exit)
        case .exec:
            let object = try prepare(ExecSkeleton.self)
            try object.readOnlyData.args_limit = UInt32(settings.argsLimit)
            try object.readOnlyData.env_wanted = !settings.environment.isEmpty
            let loaded = try object.load()
            let names = try loaded.map(.env_names).typed(BPFText<64>.self, UInt8.self)
            for name in settings.environment { try names.set(BPFText(name), 1) }
            try attach(observation, loaded, .process_exec)
        case .execFailed:
            let object = try prepare(ExecFailedSkeleton.self)
            try object.readOnlyData.args_limit = UInt32(settings.argsLimit)
            try dispatch(observation, try object.load(), .exec_exit, SystemCalls.exec)
        case .open:
            let object = try prepare(OpenSkeleton.self)
            try object.readOnlyData.resolve_paths = settings.resolvesPaths
            // A pid namespace of its own numbers it otherwise than the kernel does: then its opens are told.
            if let looker, ownTgid == UInt32(getpid()) { try object.readOnlyData.own_looker = UInt32(looker.pid) }
            // Behind the one that looks for breakouts, where there is one: a call has one program.
            try dispatch(observation, try object.load(), .open_exit, SystemCalls.open, behind: breakoutNext)
        case .tcp:
            let states = try prepare(TcpSkeleton.self).load()
            socketOwners = try states.map(.socket_owners)
            try attach(observation, states, .tcp_state)
            try dispatch(observation, try prepare(TcpCallsSkeleton.self).load(), .tcp_call_exit, SystemCalls.tcp)
        case .tcpDrop: try addTCPDrop()
        case .breakout: try addBreakout()
        case .shell: try addShell()
        }
    }

    /// Where the kernel is told what nobody wants. Valid as long as this object.
    package func makeGate() throws(BPFError) -> KernelGate {
        try KernelGate { name throws(BPFError) in try coreMap(name) }
    }

    /// One of the maps that all objects share.
    private func coreMap(_ name: String) throws(BPFError) -> BPFMapReference {
        guard let map = CoreSkeleton.Map(rawValue: name) else {
            throw BPFError(step: .map, subject: "map \(name)", errno: ENOENT)
        }
        return try core.map(map)
    }

    private func addTCPDrop() throws(BPFError) {
        let loaded = try prepare(TcpDropSkeleton.self).load()
        let names = try loaded.map(.drop_reasons).typed(UInt32.self, BPFText<32>.self)
        for (number, name) in try DropReasons.ofKernel() { try names.set(number, BPFText(name)) }
        try attach(.tcpDrop, loaded, .tcp_drop)
    }

    private func addBreakout() throws(BPFError) {
        let namespace = HostDirectories.namespace()
        let object = try prepare(BreakoutSkeleton.self)
        try object.readOnlyData.host_mnt_ns = namespace
        let opens = try object.load()
        let directories = try opens.map(.host_directories)
        let known = try directories.typed(HostDirectories.Key.self, UInt8.self)
        for key in try HostDirectories.keys() { try known.set(key, 1) }
        let executions = try prepare(BreakoutExecSkeleton.self)
        try executions.readOnlyData.host_mnt_ns = namespace
        try executions.reuse(.host_directories, directories)
        let next = try opens.map(.next)
        if let open = loaded.first(where: { $0.observation == .open }) { try next.set(0, program: open.program) }
        try dispatch(.breakout, opens, .breakout_exit, SystemCalls.open)
        breakoutNext = next
        try attach(.breakout, try executions.load(), .breakout_exec)
    }

    /// For kernels that take hooks on functions of files only from who has CAP_SYS_ADMIN; nil where it is not needed.
    ///
    /// Forks: best called before there is a second thread.
    package static func makeAttacher(for observations: Set<Observation>) throws(BPFError) -> UprobeAttacher? {
        guard observations.contains(.shell), BPFFeature.uprobeMulti.probe() != nil else { return nil }
        return try UprobeAttacher()
    }

    private func addShell() throws(BPFError) {
        if attacher == nil, let refusal = BPFFeature.uprobeMulti.probe() { throw refusal }
        let object = try prepare(ShellSkeleton.self)
        let data = try object.readOnlyData
        data.line_limit = UInt32(settings.lineLimit)
        data.preemptible = Preemption.isHeldInUprobes
        if attacher == nil { object.setAttachesToManyUprobes(.shell_line) }
        let kept = try LoadedBox(.shell, try object.load(), .shell_line)
        loaded.append(kept)
        shells = ShellWatcher(ShellProbe(kept, attacher: attacher, logger: logger), looker: looker, logger: logger)
    }

    /// Opens an object with what all of them share: settings and maps of `lib/record.h` and `lib/path.h`.
    private func prepare<Skeleton: BPFSkeleton>(
        _ skeleton: Skeleton.Type
    ) throws(BPFError) -> BPFObject<Skeleton> where Skeleton.ReadOnlyData: SharedSettings {
        let object = try BPFObject(skeleton)
        let data = try object.readOnlyData
        data.own_tgid = ownTgid
        data.pool_mask = UInt32(settings.pool - 1)
        data.preemptible = Preemption.isPossible
        for map in Skeleton.Map.allCases {
            switch map.rawValue {
            case "rings": try object.reuse(map, try core.map(.rings))
            case "counters": try object.reuse(map, try core.map(.counters))
            case "gate", "verdicts", "inherited", "gate_names", "gate_paths", "gate_networks":
                try object.reuse(map, try coreMap(map.rawValue))
            case "socket_owners":
                if let socketOwners {
                    try object.reuse(map, socketOwners)
                } else {
                    try object.setMaxEntries(map, settings.sockets)
                }
            // SCRATCH_DEPTH of lib/record.h for each CPU
            case "scratch", "walks": try object.setMaxEntries(map, 2 * possibleCPUs)
            // fresh entries must outlive the free lists that the kernel keeps for each CPU
            case "exited": try object.setMaxEntries(map, max(8192, 512 * possibleCPUs))
            default: break
            }
        }
        return object
    }

    private func attach<Skeleton>(
        _ observation: Observation,
        _ object: consuming BPFLoaded<Skeleton>,
        _ program: Skeleton.Program
    ) throws(BPFError) {
        let kept = try LoadedBox(observation, object, program)
        links.append(LinkBox(try kept.program.attach()))
        loaded.append(kept)
    }

    /// Has the program run on the return of these system calls.
    private func dispatch<Skeleton>(
        _ observation: Observation,
        _ object: consuming BPFLoaded<Skeleton>,
        _ program: Skeleton.Program,
        _ calls: [UInt32],
        behind next: BPFMapReference? = nil
    ) throws(BPFError) {
        let kept = try LoadedBox(observation, object, program)
        if let next {
            try next.set(0, program: kept.program)
        } else {
            let map = try core.map(.syscalls)
            for call in calls { try map.set(call, program: kept.program) }
        }
        isDispatching = true
        loaded.append(kept)
    }

    /// Takes all programs off their hooks: from now on nothing is produced. What the rings hold can still be read.
    package func detach() {
        links = []
        shells?.stop()
        // A program may still be running on another CPU. The kernel waits for all of them when a map of maps changes
        // (maybe_wait_bpf_programs in kernel/bpf/syscall.c), so lane 0 is put in its place once more.
        if let rings = try? core.map(.rings), let ring = self.rings.first {
            try? rings.set(0, map: ring.ring.descriptor)
        }
    }

    /// What was produced and dropped, by kind. Costs two system calls per kind and one per program.
    package func counts() throws(BPFError) -> [EventKind: KernelCounts] {
        var counts: [EventKind: KernelCounts] = [:]
        let counters = try core.map(.counters).typed(UInt32.self, mt_counts.self)
        for kind in EventKind.allCases where kind.isToldByHooks {
            var sum = KernelCounts()
            for beside in [0, UInt32(MT_KIND_COUNT.rawValue)] {
                for values in try counters.perCPUValues(UInt32(kind.rawValue) + beside) { sum.add(values) }
            }
            counts[kind] = sum
        }
        for object in loaded {
            let misses = try object.program.information.recursionMisses
            guard misses > 0 else { continue }
            counts[object.observation.kind, default: KernelCounts()].add(misses: misses)
        }
        return counts
    }

    /// System calls whose return the kernel did not show us because it was showing us another one on the same CPU.
    package func missedSystemCalls() throws(BPFError) -> UInt64 {
        try core.program(.syscall_exit).information.recursionMisses
    }

    /// What each program has cost since the kernel measures (`BPFRunTime`), by name.
    ///
    /// A program that is jumped to costs what its jumper does, `syscall_exit`: the kernel measures from hook to end.
    package func programCosts() throws(BPFError) -> [ProgramCost] {
        var list: [ProgramCost] = []
        for program in [try core.program(.syscall_exit)] + loaded.map(\.program) {
            let information = try program.information
            guard information.runs > 0 else { continue }
            list.append(ProgramCost(name: program.name, runs: information.runs, nanoseconds: information.runTime))
        }
        return list
    }

    /// How full the rings are, as of now; any thread may ask.
    package func ringUse() -> [RingUse] {
        rings.enumerated().map { lane, ring in
            RingUse(name: Self.ringName(lane), bytes: ring.ring.capacity, used: ring.ring.used)
        }
    }

    private static func ringName(_ lane: Int) -> String { lane == 0 ? "life_cycle" : "pool_\(lane)" }

    /// The programs that are loaded, by name, and how many instructions the verifier looked at in each.
    package func verifiedInstructions() throws(BPFError) -> [(name: String, count: UInt32?)] {
        var list = [("syscall_exit", try core.program(.syscall_exit).information.verifiedInstructions)]
        for object in loaded { list.append((object.program.name, try object.program.information.verifiedInstructions)) }
        return list.map { (name: $0.0, count: $0.1) }
    }
}

extension KernelProbes {
    /// The maps for programs of policies' hooks, whose records go into the same rings.
    package func makeHookMaps() throws(BPFError) -> HookMaps {
        HookMaps(
            rings: try core.map(.rings),
            counters: try core.map(.counters),
            ownTgid: ownTgid,
            poolMask: UInt32(settings.pool - 1)
        )
    }

    /// Tells the connections and listeners that there were before the hooks; nil when TCP is not watched.
    package func snapshotSockets() throws(BPFError) -> SocketSnapshot? {
        guard socketOwners != nil else { return nil }
        return try SocketSnapshot(try prepare(TcpSnapshotSkeleton.self))
    }
}

extension KernelCounts {
    /// Runs that the kernel left out: they were due, and the programs could not count them.
    mutating func add(misses: UInt64) {
        produced += misses
        dropped[.reentered, default: 0] += misses
    }
}
