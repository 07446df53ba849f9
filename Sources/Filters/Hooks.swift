import BPF
import CWire
import Logging
import Model
import Probes

/// The hooks of all policies: for each place one program, whatever the number of policies that watch it.
///
/// Not for several threads at once. What changes for one policy leaves the others without a gap.
package final class Hooks {
    /// A policy's hooks, to take them away again.
    package struct Ticket: Hashable, Sendable {
        fileprivate let number: Int
    }

    /// Why one of a policy's hooks is not there.
    package enum Failure: Error, CustomStringConvertible {
        case design(HookDesign.Problem)
        case kernel(BPFError)
        /// There is no counter left for its selectors.
        case counters

        package var description: String {
            switch self {
            case .design(let problem): "\(problem)"
            case .kernel(let error): "\(error)"
            case .counters: "all policies together have more than \(MT_ROW_COUNTS_MAX) selectors at hooks: remove some"
            }
        }

        fileprivate var isOfKernel: Bool { if case .kernel = self { true } else { false } }
    }

    private struct Seat {
        let ticket: Ticket
        /// Which of the policy's requests.
        let index: Int
        let part: HookDesign.Part
        /// Nothing was made of it yet.
        var isNew = true

        /// What it would be alone.
        var shape: HookShape? { try? HookDesign(hook: 0, [part]).shape }
    }

    private struct Hook {
        let number: UInt32
        let kind: EventKind
        var seats: [Seat] = []
        var program: HookProgram?
        /// Of its image.
        var generation: UInt64?
        var workloads: WorkloadPlanes?
        /// Of a system call there is none: one serves all of them.
        var door: HookDoor?
    }

    private let maps: HookMaps
    private let logger: Logger
    private var hooks: [HookPoint: Hook] = [:]
    private var syscalls: SyscallHooks?
    private var lastTicket = 0
    private var lastGeneration: UInt64 = 0
    private var lastRow: UInt64 = 1
    private var nextCounter: UInt32 = 0
    private var freeCounters: [UInt32] = []
    private var freeNumbers: [UInt32] = []
    /// By the path of their control group.
    private var containers: [[UInt8]: KnownContainer] = [:]
    /// What programs that are gone left out.
    private var lostReturns: LostReturns
    private var pastMisses: [EventKind: UInt64] = [:]

    package init(maps: HookMaps, logger: Logger) {
        self.maps = maps
        lostReturns = LostReturns(maps: maps)
        self.logger = logger
    }

    /// Adds the hooks of policies; for each policy its ticket and, for each request, why it is not there.
    ///
    /// Costs a program's load for each place that was not watched yet, or not like this, and otherwise some maps.
    package func add(_ policies: [[HookRequest]]) -> [(ticket: Ticket, failures: [Failure?])] {
        var results: [(ticket: Ticket, failures: [Failure?])] = []
        var touched: [HookPoint] = []
        for requests in policies {
            lastTicket += 1
            let ticket = Ticket(number: lastTicket)
            var failures: [Failure?] = []
            for (index, request) in requests.enumerated() {
                failures.append(nil)
                do throws(Failure) {
                    for request in request.split { try seat(request, ticket, index, &touched) }
                } catch {
                    failures[index] = error
                }
            }
            results.append((ticket, failures))
        }
        for point in touched {
            for (ticket, index, failure) in settle(point) {
                guard let position = results.firstIndex(where: { $0.ticket == ticket }) else { continue }
                results[position].failures[index] = failure
            }
        }
        return results
    }

    private func seat(_ request: HookRequest, _ ticket: Ticket, _ index: Int, _ touched: inout [HookPoint])
        throws(Failure)
    {
        let point = request.point
        let counters = try takeCounters(request.effectiveRows.count)
        defer { lastRow += UInt64(counters.count) }
        if hooks[point] == nil { hooks[point] = Hook(number: takeNumber(), kind: request.kind) }
        hooks[point]?.seats.append(
            Seat(ticket: ticket, index: index, part: HookDesign.Part(request, counters: counters, id: lastRow))
        )
        if !touched.contains(point) { touched.append(point) }
    }

    /// Makes a place's program what its seats ask for; those that came last leave again as far as it cannot be had with them.
    private func settle(_ point: HookPoint) -> [(Ticket, Int, Failure)] {
        let coming = hooks[point]?.seats.filter(\.isNew) ?? []
        hooks[point]?.seats.removeAll(where: \.isNew)
        var failures = admit(coming[...], to: point)
        // What a policy asks for at once it gets as a whole.
        for (seat, _) in failures { leave(point) { $0.ticket == seat.ticket && $0.index == seat.index } }
        // Whoever left, the others are watched for, or nobody.
        while coming.isEmpty || !failures.isEmpty, let hook = hooks[point] {
            do throws(Failure) {
                try rebuild(point, hook)
                break
            } catch {
                guard let last = hook.seats.last else { break }
                hooks[point]?.seats.removeLast()
                failures.append((last, error))
            }
        }
        for index in hooks[point]?.seats.indices ?? 0..<0 { hooks[point]?.seats[index].isNew = false }
        for (seat, _) in failures { freeCounters += seat.part.counters }
        return failures.map { ($0.ticket, $0.index, $1) }
    }

    /// Tries seats beside those that are there; those that the kernel refuses are found by halves. Returns who cannot stay.
    private func admit(_ coming: ArraySlice<Seat>, to point: HookPoint) -> [(Seat, Failure)] {
        guard !coming.isEmpty else { return [] }
        hooks[point]?.seats += coming
        guard let hook = hooks[point] else { return [] }
        do throws(Failure) {
            try rebuild(point, hook)
            return []
        } catch {
            hooks[point]?.seats.removeLast(coming.count)
            if case .design(.selectors(let count)) = error {
                let leaving = Self.leaving(coming, excess: count - Int(MT_ROWS_MAX))
                return admit(coming.dropLast(leaving), to: point) + coming.suffix(leaving).map { ($0, error) }
            }
            // What the kernel refuses of one it refuses of its like, and each try takes its time.
            let shape = coming.first?.shape
            guard coming.count > 1, !error.isOfKernel || coming.contains(where: { $0.shape != shape }) else {
                return coming.map { ($0, error) }
            }
            let half = coming.count / 2
            return admit(coming.prefix(half), to: point) + admit(coming.suffix(coming.count - half), to: point)
        }
    }

    /// How many of those that come have to go, the newest first, for so many selectors less.
    private static func leaving(_ coming: ArraySlice<Seat>, excess: Int) -> Int {
        var excess = excess
        let leaving = coming.reversed().prefix { seat in
            defer { excess -= seat.part.counters.count }
            return excess > 0
        }
        return max(1, leaving.count)
    }

    private func leave(_ point: HookPoint, _ isMeant: (Seat) -> Bool) {
        guard var hook = hooks[point] else { return }
        for seat in hook.seats where isMeant(seat) { freeCounters += seat.part.counters }
        hook.seats.removeAll(where: isMeant)
        hooks[point] = hook
    }

    private func rebuild(_ point: HookPoint, _ hook: Hook) throws(Failure) {
        guard !hook.seats.isEmpty else { return close(point, hook) }
        do {
            let design = try HookDesign(
                hook: hook.number,
                hook.seats.map(\.part),
                containers: Array(containers.values)
            )
            lastGeneration += 1
            if let program = hook.program, program.shape == design.shape {
                try program.publish(design.image, generation: lastGeneration)
                return note(point, hook, design)
            }
            let program = try HookProgram(point, design.shape, maps: maps)
            try program.publish(design.image, generation: lastGeneration)
            if point.attachment.isSystemCall {
                if syscalls == nil { syscalls = try SyscallHooks() }
                if let old = hook.program {
                    try syscalls?.replace(old, by: program)
                } else {
                    try syscalls?.add(program)
                }
            } else {
                let door = try hook.door ?? HookDoor(point)
                try door.lead(to: program)
                hooks[point]?.door = door
            }
            hooks[point]?.program = program
            note(point, hook, design)
        } catch let problem as HookDesign.Problem {
            throw .design(problem)
        } catch let error as BPFError {
            throw .kernel(error)
        } catch {
            preconditionFailure("\(error)")
        }
    }

    /// Calls that are under way go by the image that they began with, whose like is gone now.
    private func note(_ point: HookPoint, _ hook: Hook, _ design: HookDesign) {
        hooks[point]?.workloads = design.workloads
        if design.shape.waitsForReturn {
            lostReturns.note(design.image, of: point, generation: lastGeneration, inPlaceOf: hook.generation)
            hooks[point]?.generation = lastGeneration
        } else {
            if let old = hook.generation { lostReturns.end(old) }
            hooks[point]?.generation = nil
        }
    }

    /// Records of calls that are known never to return, or not to be seen doing so.
    ///
    /// Costs a look at a map when there are hooks that wait for returns, and a system call for each call that is waited for.
    package func takeLostReturns(at time: UInt64) -> [[UInt8]] { lostReturns.take(at: time) }

    /// Nobody watches this place any more.
    private func close(_ point: HookPoint, _ hook: Hook) {
        hooks[point] = nil
        if let generation = hook.generation { lostReturns.end(generation) }
        freeNumbers.append(hook.number)
        if let door = hook.door, let misses = try? door.misses() {
            pastMisses[hook.kind, default: 0] += misses
        }
        guard point.attachment.isSystemCall, let program = hook.program else { return }
        do throws(BPFError) {
            try syscalls?.remove(program)
        } catch {
            logger.error("a hook on a system call cannot be taken away: \(error)")
        }
    }

    /// Takes away the hooks of a policy.
    package func remove(_ ticket: Ticket) {
        for (point, hook) in hooks where hook.seats.contains(where: { $0.ticket == ticket }) {
            leave(point) { $0.ticket == ticket }
            for (_, _, failure) in settle(point) { logger.error("a hook of a policy is lost: \(failure)") }
        }
    }

    /// From now on a container is known, or known better: hooks that ask for such ones see its processes.
    ///
    /// Costs a write for each condition on pods and containers, and no new image.
    package func update(_ known: KnownContainer) {
        let path = Array(known.container.group.buffer)
        if let before = containers[path] {
            if before.container === known.container, before.groups == known.groups { return }
            // Of a container that was started again.
            let old = before.groups.filter { !known.groups.contains($0) }
            apply(KnownContainer(before.container, groups: old)) { _, _ in nil }
        }
        containers[path] = known
        apply(known) { workloads, plane in workloads.rows(plane, known.container) }
    }

    /// A container is gone.
    package func forget(_ container: Container) {
        guard let known = containers.removeValue(forKey: Array(container.group.buffer)) else { return }
        apply(known) { _, _ in nil }
    }

    private func apply(_ known: KnownContainer, _ rows: (WorkloadPlanes, WorkloadPlanes.Plane) -> [UInt64]?) {
        for hook in hooks.values {
            guard let program = hook.program, let workloads = hook.workloads else { continue }
            for plane in workloads.planes {
                let rows = rows(workloads, plane)
                do throws(BPFError) {
                    for group in known.groups { try program.set(group: group, plane: plane.plane, rows: rows) }
                } catch {
                    logger.error("a policy's selector of containers does not follow them: \(error)")
                }
            }
        }
    }

    /// Takes all hooks away: from now on none of them produces anything.
    package func detach() {
        for point in hooks.keys {
            leave(point) { _ in true }
            _ = settle(point)
        }
    }

    /// How often a policy's selectors matched, in the order of its requests.
    package func counts(_ ticket: Ticket) -> [(request: Int, counts: [mt_row_counts])] {
        var list: [(request: Int, counts: [mt_row_counts])] = []
        for hook in hooks.values {
            for seat in hook.seats where seat.ticket == ticket {
                list.append((seat.index, seat.part.counters.map { (try? maps.counts($0)) ?? mt_row_counts() }))
            }
        }
        return list.sorted { $0.request < $1.request }
    }

    /// Bytes that a policy takes in the kernel: its share of each hook that it is at.
    package func memory(_ ticket: Ticket) -> Int {
        hooks.values.reduce(0) { sum, hook in
            let own = hook.seats.count { $0.ticket == ticket }
            guard own > 0, let whole = try? hook.program?.memory() else { return sum }
            return sum + whole * own / hook.seats.count
        }
    }

    /// Calls that were due and that the kernel left out, by kind.
    package func misses() -> [EventKind: UInt64] {
        var sums = pastMisses
        for hook in hooks.values {
            guard let door = hook.door, let misses = try? door.misses() else { continue }
            sums[hook.kind, default: 0] += misses
        }
        return sums
    }

    /// System calls that the kernel did not show because it was showing another one on the same CPU.
    package func missedSystemCalls() -> UInt64 { (try? syscalls?.misses()) ?? 0 }

    /// The programs that are loaded: what they are on, and how many instructions the verifier looked at.
    package func verifiedInstructions() -> [(name: String, count: UInt32?)] {
        hooks.values.compactMap(\.program).flatMap { program in
            ((try? program.verifiedInstructions()) ?? []).map {
                (name: "\($0.name) \(program.point.functions[0].name)", count: $0.count)
            }
        }
    }

    private func takeCounters(_ count: Int) throws(Failure) -> [UInt32] {
        var counters: [UInt32] = []
        do throws(Failure) {
            for _ in 0..<count { counters.append(try takeCounter()) }
        } catch {
            freeCounters += counters
            throw error
        }
        return counters
    }

    private func takeCounter() throws(Failure) -> UInt32 {
        let counter: UInt32
        if let free = freeCounters.popLast() {
            counter = free
        } else {
            guard nextCounter < UInt32(MT_ROW_COUNTS_MAX) else { throw .counters }
            counter = nextCounter
            nextCounter += 1
        }
        do throws(BPFError) { try maps.clear(counter) } catch { throw .kernel(error) }
        return counter
    }

    private func takeNumber() -> UInt32 {
        if let free = freeNumbers.popLast() { return free }
        return UInt32(hooks.count + freeNumbers.count)
    }
}

extension HookRequest {
    /// One for each function where a program cannot be told which one it is on.
    fileprivate var split: [HookRequest] {
        switch point.attachment {
        case .kprobeMulti, .syscallExit, .syscallEnter: [self]
        case .uprobe where HookPoint.attachesToManyUprobes: [self]
        default: point.functions.count == 1 ? [self] : point.functions.map { with(function: $0) }
        }
    }

    private func with(function: HookPoint.Function) -> HookRequest {
        HookRequest(
            HookPoint(point.attachment, [function], file: point.file, module: point.module),
            kind: kind,
            policy: policy,
            namespace: namespace,
            group: group,
            message: message,
            tags: tags,
            waitsForReturn: waitsForReturn,
            argumentCount: argumentCount,
            readings: readings,
            shown: shown,
            rows: rows
        )
    }
}
