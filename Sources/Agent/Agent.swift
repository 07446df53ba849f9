import API
import BPF
import CWire
import Collector
import Engine
import Glibc
import Logging
import Model
import Outputs
import Policies
import Probes
import Rules

/// One run: hooks on, batches through collector, engine and outputs until it is time to stop, hooks off, books closed.
package final class Agent {
    private var options: RunOptions
    private let logger: Logger
    private let signals: Signals
    private let probes: KernelProbes
    /// What policies watch.
    package let policies: PolicyManager
    private var collector: Collector
    private var engine: Engine
    /// What rules look at is told, whatever the filter says of its kind.
    private var ruleKinds: KindSet
    /// The rules that hold came in this order.
    private var ruleVersion: UInt64 = 0
    private var rules: RuleMatcher
    /// Nil: a recording is to have all there is.
    private let gate: RuleGate?
    private let firstRules: CompiledRules
    private let outputs: OutputGroup
    private let recorder: SinkRunner?
    private let names: ContainerNames?
    private let confinement: Confinement?
    private let meter: ProgramMeter?
    private let pool = EventBatchPool()
    /// Questions of the control socket.
    let mailbox = Mailbox()
    private let feed: EventFeed?
    private let hooks: AgentHooks
    private var begun = BootClock.now()
    private var lastEvents: UInt64 = 0
    private var lastTick: UInt64 = 0
    private var heartbeats: UInt32 = 0
    private var heartbeatMissed = false
    private var stopping = false
    /// Calls that were told without their return.
    private var lostReturns = KindCounts()
    /// The signal that ended it.
    package private(set) var endedBy: Int32?

    /// Seconds that the outputs get to write what waits for them.
    private static let closing = 4.0
    private static let tick: UInt64 = 1_000_000_000
    /// After an event the reader looks again by itself for this long; longer than the kernel may withhold a wake-up.
    private static let awake: UInt64 = 20_000_000
    /// How long it sleeps in between, ms.
    private static let pause: Int32 = 4

    /// Opens the outputs, then loads and attaches the programs.
    ///
    /// - Parameters:
    ///   - confinement: what is left of this process' privileges; nil: nothing was given up.
    ///   - policies: those of the run, when they were read already: before privileges were given up.
    ///   - rules: likewise.
    ///   - feed: gets all events, whatever the outputs' filter leaves of them.
    package init(
        _ options: RunOptions,
        confinement: Confinement? = nil,
        policies collection: PolicyCollection? = nil,
        rules: RuleSet? = nil,
        feed: EventFeed? = nil,
        hooks: AgentHooks = AgentHooks(),
        logger: Logger
    ) throws(AgentError) {
        let collection = if let collection { collection } else { try Self.readPolicies(options, logger) }
        let rules = if let rules { rules } else { try Self.readRules(options, logger) }
        var options = options
        options.watch(for: rules)
        self.options = options
        self.confinement = confinement
        self.feed = feed
        self.hooks = hooks
        self.logger = logger
        // A fork takes one thread only: so before there is a second one.
        let attacher = confinement.map(\.attacher) ?? Self.makeAttacher(options, logger)
        let launchers: [ProgramLauncher]
        do throws(SinkFailure) {
            if let confinement {
                launchers = confinement.launchers
            } else {
                launchers = try Helpers.launchers(options)
            }
        } catch {
            throw .output(error)
        }
        signals = Signals()
        BPFLog.use(logger)
        let isMeasured = confinement == nil && options.measuresPrograms
        meter = confinement?.meter ?? (isMeasured ? ProgramMeter(logger) : nil)
        do {
            let origin = StreamOrigin(node: options.node, boot: Machine.bootID, start: BootClock.now())
            outputs = try OutputGroup(options, origin: origin, waits: false, launchers: launchers, logger)
            recorder = try Self.makeRecorder(options, logger)
            do {
                probes = try KernelProbes(
                    options.probes,
                    attacher: attacher,
                    looker: confinement?.looker,
                    logger: logger
                )
                policies = PolicyManager(
                    maps: try probes.makeHookMaps(),
                    namespaces: confinement?.namespaces ?? HostNamespaces(),
                    logger: logger
                )
                gate =
                    recorder != nil
                    ? nil
                    : RuleGate(
                        try probes.makeGate(),
                        ownTgid: probes.ownTgid,
                        filter: feed == nil ? options.filter : nil,
                        logger: logger
                    )
                collector = try Collector(lanes: probes.rings, node: options.node)
            } catch {
                // Nothing is in it, and the next try would find it in its way.
                if let path = options.record { unlink(path) }
                throw error
            }
        } catch let error as ProbeError {
            throw .probes(error)
        } catch let error as BPFError {
            throw .kernel(error)
        } catch let error as RecordingError {
            throw .recording(error)
        } catch let error as SinkFailure {
            throw .output(error)
        } catch {
            throw .output(SinkFailure("\(error)"))
        }
        policies.load(collection)
        engine = Engine(filter: options.filter.adding(rules.kinds), count: options.count)
        ruleKinds = rules.kinds
        firstRules = CompiledRules(rules)
        self.rules = firstRules.matcher
        names = options.engines.map { sockets in
            ContainerNames(sockets.connected(by: confinement?.connector)) { logger.notice("\($0)") }
        }
        collector.watch(signals.descriptor)
        collector.watch(mailbox.descriptor)
        collector.noteContainerChanges()
        if let names {
            collector.noteUnnamedContainers()
            collector.watch(names.descriptor)
        }
    }

    private static func readPolicies(_ options: RunOptions, _ logger: Logger) throws(AgentError) -> PolicyCollection {
        do { return try options.policies.read(logger) } catch { throw .input(error) }
    }

    private static func readRules(_ options: RunOptions, _ logger: Logger) throws(AgentError) -> RuleSet {
        do { return try options.rules.read(logger).set } catch { throw .input(error) }
    }

    private static func makeAttacher(_ options: RunOptions, _ logger: Logger) -> UprobeAttacher? {
        do {
            return try KernelProbes.makeAttacher(for: options.probes.observations)
        } catch {
            logger.warning("this kernel takes hooks on shells only from CAP_SYS_ADMIN: \(error)")
            return nil
        }
    }

    private static func makeRecorder(_ options: RunOptions, _ logger: Logger) throws -> SinkRunner? {
        try options.record.map { path in
            let recording = RecordingSink(try RecordingWriter(path: path, node: options.node))
            return SinkRunner(recording, name: path, waits: true, logger: logger)
        }
    }

    /// What kernel programs have cost; empty when it is not measured.
    package var programCosts: [ProgramCost] { meter == nil ? [] : (try? probes.programCosts()) ?? [] }

    /// Runs until the duration or the count is over, a signal comes, or nobody reads any more. Returns the books.
    package func run() throws(AgentError) -> Ledger {
        do {
            try takeSnapshot()
            // All threads but gRPC's are there now, and that one inherits from these.
            try confinement?.verify()
            gate?.apply(firstRules, collector.builder)
            // Loading is not watching: a duration begins here.
            begun = BootClock.now()
            logger.info(
                "watching \(probes.rings.count - 1) rings and the life-cycle lane; \(collector.builder.processCount) processes"
            )
            hooks.ready()
            while !stopping { try pass() }
            return try finish()
        } catch let error as PrivilegeError {
            throw .privileges(error)
        } catch let error as BPFError {
            throw .kernel(error)
        } catch {
            throw .output(SinkFailure("\(error)"))
        }
    }

    /// The hooks are on already, so that nothing falls between what is found and what is seen.
    private func takeSnapshot() throws(BPFError) {
        let batch = pool.take()
        let snapshot = try Snapshot(excluding: probes.ownTgid, logger: logger)
        try collector.takeSnapshot(snapshot, into: batch)
        do {
            if let sockets = try probes.snapshotSockets() { try collector.takeSnapshot(sockets, into: batch) }
        } catch {
            logger.warning("connections that are open already are not told, and have no owner: \(error)")
        }
        handOver(batch)
    }

    private func pass() throws(BPFError) {
        let batch = pool.take()
        let count = collector.collect(into: batch)
        let now = BootClock.now()
        if count > 0 || collector.holds { lastEvents = now }
        if now - lastTick > Self.tick { try tick(now, batch) }
        askForNames(batch)
        handOver(batch)
        handleSignals()
        mailbox.answer(self)
        if let duration = options.duration, Double(now - begun) / 1e9 >= duration { stopping = true }
        if engine.isDone || outputs.isReaderGone { stopping = true }
        if outputs.exhaustion != nil { stopping = true }
        // A full batch: there is more. Otherwise sleep, shortly as long as events may lie in the hold or come unannounced.
        if count < Collector.batchLimit, !stopping {
            collector.wait(milliseconds: now - lastEvents < Self.awake ? Self.pause : untilTick(now))
        }
    }

    /// Questions go to another thread, and its answers come back when they come.
    private func askForNames(_ batch: EventBatch) {
        if let (changed, gone) = collector.takeContainerChanges() { policies.follow(changed: changed, gone: gone) }
        guard let names else { return }
        let unnamed = collector.takeUnnamedContainers()
        if !unnamed.isEmpty { names.ask(unnamed) }
        collector.add(names.takeAnswers(at: BootClock.now()), into: batch)
    }

    private func untilTick(_ now: UInt64) -> Int32 {
        var rest = Double(Self.tick)
        if let duration = options.duration { rest = min(rest, max(0, duration * 1e9 - Double(now - begun))) }
        return Int32(rest / 1e6) + 1
    }

    private func handOver(_ batch: EventBatch) {
        probes.shells?.note(batch)
        gate?.note(batch, collector.builder)
        rules.process(batch)
        feed?.offer(batch)
        engine.process(batch)
        recorder?.offer(batch)
        outputs.offer(batch)
    }

    private func tick(_ now: UInt64, _ batch: EventBatch) throws(BPFError) {
        lastTick = now
        hooks.tick(now)
        tellLostReturns(now, into: batch)
        collector.reportLosses(try losses(), into: batch)
        checkHeartbeats()
        heartbeats += 1
        probes.sendHeartbeat(heartbeats)
    }

    /// No kernel counter knows of these.
    private func tellLostReturns(_ now: UInt64, into batch: EventBatch) {
        let records = policies.takeLostReturns(at: now)
        guard !records.isEmpty else { return }
        for record in records {
            let kind = record.withUnsafeBytes { $0.loadUnaligned(as: mt_header.self).kind }
            if let kind = EventKind(rawValue: kind) { lostReturns[kind] += 1 }
        }
        collector.add(records, into: batch)
    }

    /// The lanes answer within milliseconds; a whole tick without an answer is worth a word, once.
    private func checkHeartbeats() {
        guard probes.watches(.open) else { return }
        // One may be on its way.
        let missed = collector.builder.lastHeartbeat + 2 < heartbeats
        if missed, !heartbeatMissed {
            logger.error("heartbeats do not come back: hooks, rings or reader are stuck; events may be missing")
        }
        heartbeatMissed = missed
    }

    private func handleSignals() {
        while let signal = signals.next() {
            switch signal {
            case SIGHUP:
                // Without a file of its own there is nothing to open again: then the terminal has gone.
                let reopens = outputs.reopen()
                if let hangup = hooks.hangup { hangup() } else if !reopens { stopping = true }
            case SIGUSR1:
                if let books = try? books() { Console.writeError("martlet: \(books.text)") }
            default:
                endedBy = signal
                stopping = true
            }
        }
    }

    private func finish() throws(BPFError) -> Ledger {
        hooks.stopping()
        mailbox.close()
        policies.detach()
        probes.detach()
        if let names {
            names.close()
            let counts = names.counts
            logger.info(
                "container names: \(counts.answered) told, \(counts.unknown) unknown, \(counts.failed) without an answer, \(counts.dropped) not asked for"
            )
        }
        while true {
            let batch = pool.take()
            let count = collector.collect(all: true, into: batch)
            if count == 0 {
                tellLostReturns(BootClock.now(), into: batch)
                collector.reportLosses(try losses(), into: batch)
                handOver(batch)
                break
            }
            handOver(batch)
        }
        feed?.end()
        // Both at once: the deadline is one for all.
        recorder?.beginClosing(within: Self.closing)
        outputs.close(within: Self.closing)
        recorder?.close(within: 0.5)
        return try books()
    }

    /// What was lost before the outputs.
    private func upstreamLosses() throws(BPFError) -> LossTotals {
        var totals = LossTotals()
        for (kind, counts) in try probes.counts() {
            for (reason, count) in counts.dropped { totals[kind, reason] += count }
        }
        let missed = try probes.missedSystemCalls() + policies.missedSystemCalls()
        for (kind, count) in policies.misses() { totals[kind, .reentered] += count }
        totals[nil, .reentered] += missed
        totals[nil, .decode] += collector.builder.refused
        return totals
    }

    /// What the stream tells: the outputs' losses together.
    private func losses() throws(BPFError) -> LossTotals {
        var totals = try upstreamLosses()
        outputs.addLosses(to: &totals)
        return totals
    }

    private func books() throws(BPFError) -> Ledger {
        var ledger = Ledger()
        for (kind, counts) in try probes.counts() { ledger.produced[kind] = counts.produced }
        for (kind, count) in policies.misses() { ledger.produced[kind] += count }
        ledger.produced += lostReturns
        ledger.produced[.tcp] += collector.socketsFound
        ledger.filtered = engine.filtered + rules.unwanted
        ledger.lost = try upstreamLosses()
        outputs.account(in: &ledger)
        if let counts = recorder?.counts {
            ledger.unrecorded = counts.failed.total + counts.queueFull.total
        }
        ledger.late = collector.builder.late
        ledger.seconds = Double(BootClock.now() - begun) / 1e9
        return ledger
    }

    /// How it is now. On the reader's thread.
    func status() throws(BPFError) -> AgentStatus {
        var status = AgentStatus()
        status.node = options.node
        status.ledger = try books()
        status.uptime = status.ledger.seconds
        status.observations = probes.observations.map { observation, problem in
            AgentStatus.Observation(name: observation.rawValue, problem: problem.map { "\($0)" })
        }
        status.outputs = outputs.status
        status.clients = feed?.clients ?? []
        status.streamed = feed?.streamed ?? AgentStatus.Streamed()
        status.rings = probes.ringUse().map(AgentStatus.Ring.init)
        status.programs = programCosts.map(AgentStatus.Program.init)
        status.processes = collector.builder.processCount
        status.kernel = Machine.kernel
        status.capabilities = (confinement?.plan.capabilities ?? Privileges.permitted).names
        status.memory = Machine.residentMemory
        return status
    }

    /// Has the outputs get other events from now on; what no program watches yet is watched. On the reader's thread.
    ///
    /// - Returns: what cannot be watched, of what was not watched before.
    func apply(_ filter: EventFilter) -> [String] {
        let lines = options.filter.hasLine
        options.filter = filter
        // The outputs keep their form, whatever the configuration says of it now.
        options.filter.hasLine = lines
        let before = probes.missing.count
        watch()
        return probes.missing[before...].map { "\($0.observation.rawValue): \($0.error)" }
    }

    /// Has other rules hold from the next batch on. On the reader's thread.
    ///
    /// - Returns: what cannot be watched, of what was not watched before.
    func apply(_ rules: CompiledRules) -> [String] {
        // Another one that came later was compiled sooner.
        guard rules.version > ruleVersion else { return [] }
        ruleVersion = rules.version
        ruleKinds = rules.kinds
        rules.matcher.takeCounts(of: self.rules)
        self.rules = rules.matcher
        gate?.apply(rules, collector.builder)
        let before = probes.missing.count
        watch()
        return probes.missing[before...].map { "\($0.observation.rawValue): \($0.error)" }
    }

    /// How many events each rule matched, and how many its rate limit kept back. On the reader's thread.
    func ruleCounts() -> (version: UInt64, counts: [(matched: UInt64, suppressed: UInt64)]) {
        (ruleVersion, rules.counts)
    }

    private func watch() {
        let filter = options.filter.adding(ruleKinds)
        probes.watch(Observation.needed(for: filter.kinds))
        engine.apply(filter)
    }
}

/// What a daemon does at certain moments of its agent's life, on the reader's thread.
package struct AgentHooks {
    /// Everything is watched.
    package var ready: () -> Void = {}
    /// Each second.
    package var tick: (_ now: UInt64) -> Void = { _ in }
    /// SIGHUP came; nil: then it ends, unless it has files to open again.
    package var hangup: (() -> Void)?
    /// It ends.
    package var stopping: () -> Void = {}

    package init() {}
}
