import API
import BPF
import Dispatch
import Filters
import Logging
import Model
import Policies
import Probes
import Synchronization

/// The policies of the agent: planned for this kernel, loaded, changed while it runs.
///
/// Loading takes its time and has a lock of its own, for which the reader never waits.
package final class PolicyManager: PolicyControl, @unchecked Sendable {
    // What follows is touched under the lock alone.
    private let lock = Mutex(())
    private let hooks: Hooks
    private let kernel: RunningKernel
    private var loaded: [LoadedPolicy] = []
    /// What was told of them last.
    private let lastMisses = Mutex<[EventKind: UInt64]>([:])
    private let lastMissedCalls = Mutex<UInt64>(0)
    private let logger: Logger
    /// What is done in order, and not while somebody waits.
    private let queue = DispatchQueue(label: "martlet.policies")

    init(maps: HookMaps, namespaces: HostNamespaces, logger: Logger) {
        kernel = RunningKernel(namespaces: namespaces)
        hooks = Hooks(maps: maps, logger: logger)
        self.logger = logger
    }

    /// Loads policies that were read, whatever there is room for and the kernel takes; what it does not is logged.
    func load(_ collection: PolicyCollection) {
        lock.withLock { _ in
            loaded = collection.policies.map { LoadedPolicy(policy: $0, file: $0.place.file) }
            enable(Array(loaded.indices))
        }
    }

    /// Plans and loads all of these at once, so that one program is made for each place.
    private func enable(_ indices: [Int]) {
        for index in indices { loaded[index].plan = PolicyPlan(loaded[index].policy, on: kernel) }
        let results = hooks.add(indices.map { loaded[$0].plan?.requests ?? [] })
        for (index, result) in zip(indices, results) {
            loaded[index].isEnabled = true
            loaded[index].ticket = result.ticket
            loaded[index].failures = result.failures
            tell(loaded[index])
        }
    }

    private func tell(_ policy: LoadedPolicy) {
        let isForSome = policy.plan?.requests.contains(where: \.isForSomeWorkloads) ?? false
        if isForSome, ControlGroups().isEmpty {
            let what =
                "no hierarchy of control groups is mounted from its root here; give the agent the machine's (--cgroupns=host)"
            logger.warning("policy \(policy.id) is for pods or containers, and none of them is found: \(what)")
        }
        for hook in policy.plan?.hooks ?? [] {
            for warning in hook.warnings { logger.warning("\(warning)") }
            if case .skipped(let problem) = hook.outcome { logger.notice("\(problem)") }
        }
        let status = policy.status
        for hook in status.hooks {
            guard let problem = hook.problem else { continue }
            logger.error("policy \(policy.id): \(hook.section) \(hook.target) is not watched: \(problem)")
        }
        let watched = status.hooks.count(where: \.works)
        logger.info("policy \(policy.id): \(watched) of \(status.hooks.count) hooks")
    }

    /// Has policies for pods and containers follow those that come, get their names, and go.
    ///
    /// Returns at once: it is done on another thread, after what is being loaded.
    func follow(changed: [Container], gone: [Container]) {
        queue.async { [self] in
            let groups = ControlGroups()
            lock.withLock { _ in
                for container in gone { hooks.forget(container) }
                for container in changed {
                    hooks.update(KnownContainer(container, groups: groups.keys(of: container.group)))
                }
            }
        }
    }

    /// Takes all hooks off: from now on nothing is produced.
    func detach() { lock.withLock { _ in hooks.detach() } }

    /// Calls that were due and that the kernel left out; as of before, while policies are being loaded.
    func misses() -> [EventKind: UInt64] {
        if let now = lock.withLockIfAvailable({ _ in hooks.misses() }) { lastMisses.withLock { $0 = now } }
        return lastMisses.withLock { $0 }
    }

    /// Records of calls that never return; none while policies are being loaded: they wait.
    func takeLostReturns(at time: UInt64) -> [[UInt8]] {
        lock.withLockIfAvailable { _ in hooks.takeLostReturns(at: time) } ?? []
    }

    /// System calls that the kernel did not show.
    func missedSystemCalls() -> UInt64 {
        if let now = lock.withLockIfAvailable({ _ in hooks.missedSystemCalls() }) {
            lastMissedCalls.withLock { $0 = now }
        }
        return lastMissedCalls.withLock { $0 }
    }

    /// What the verifier looked at, for each program.
    package func verifiedInstructions() -> [(name: String, count: UInt32?)] {
        lock.withLock { _ in hooks.verifiedInstructions() }
    }

    /// Does what takes its time away from the loop that asks.
    private func working<Answer: Sendable>(_ work: @escaping @Sendable (PolicyManager) throws -> Answer) async throws
        -> Answer
    {
        try await Task.detached { try self.lock.withLock { _ in try work(self) } }.value
    }

    package func policies() async throws -> [PolicyStatus] {
        try await working { manager in
            manager.loaded.map { policy in
                var status = policy.status
                guard let ticket = policy.ticket else { return status }
                status.kernelMemory = UInt64(manager.hooks.memory(ticket))
                for request in manager.hooks.counts(ticket) {
                    for counts in request.counts {
                        status.matched += counts.matched
                        status.posted += counts.posted
                        status.suppressed += counts.suppressed
                    }
                }
                return status
            }
        }
    }

    package func add(_ yaml: String, file: String) async throws -> PolicyAddition {
        try await working { manager in
            var collection = PolicyCollection()
            collection.read(Array(yaml.utf8), file: file.isEmpty ? "policy" : file)
            var addition = PolicyAddition()
            let new = collection.policies.map { LoadedPolicy(policy: $0, file: nil) }
            addition.problems = collection.problems.filter { $0.severity == .error }.map { "\($0)" }
            for policy in new where manager.loaded.contains(where: { $0.id == policy.id }) {
                addition.problems.append(
                    "\(policy.policy.metadata.name.place): metadata.name: there is a policy \(policy.id) already: "
                        + "remove it first (martlet policy rm \(policy.id))"
                )
            }
            guard addition.problems.isEmpty else { return addition }
            let first = manager.loaded.count
            manager.loaded += new
            manager.enable(Array(first..<manager.loaded.count))
            let refused = manager.loaded[first...].compactMap { policy -> String? in
                if case .error(let reason) = policy.status.state { return "policy \(policy.id): \(reason)" }
                return nil
            }
            guard refused.isEmpty else {
                // All of them or none.
                for policy in manager.loaded[first...] {
                    if let ticket = policy.ticket { manager.hooks.remove(ticket) }
                }
                manager.loaded.removeSubrange(first...)
                addition.problems = refused
                return addition
            }
            addition.added = new.map(\.id)
            return addition
        }
    }

    package func remove(_ policy: PolicyID) async throws {
        try await working { manager in
            let index = try manager.index(policy)
            if let ticket = manager.loaded[index].ticket { manager.hooks.remove(ticket) }
            manager.loaded.remove(at: index)
            manager.logger.notice("policy \(policy) is removed")
        }
    }

    package func set(_ policy: PolicyID, enabled: Bool) async throws {
        try await working { manager in
            let index = try manager.index(policy)
            guard manager.loaded[index].isEnabled != enabled else { return }
            if enabled {
                manager.enable([index])
            } else {
                if let ticket = manager.loaded[index].ticket { manager.hooks.remove(ticket) }
                manager.loaded[index].ticket = nil
                manager.loaded[index].isEnabled = false
            }
            manager.logger.notice("policy \(policy) is \(enabled ? "enabled" : "disabled")")
        }
    }

    private func index(_ policy: PolicyID) throws -> Int {
        guard let index = loaded.firstIndex(where: { $0.id == policy }) else {
            throw PolicyControlFailure.unknown(policy)
        }
        return index
    }
}
