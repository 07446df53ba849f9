import BPF
import Filters
import Model
import Probes

extension HookPlanner {
    mutating func securityTarget(_ hook: LSMHook) -> HookTarget? {
        let name = hook.hook.value
        guard let types = kernel.types else {
            error(hook.hook.place, "\(path).hook", "this kernel does not tell its types: \(PlanWords.needsTypes)")
            return nil
        }
        guard let prototype = types.securityHook(name) else {
            let remedy =
                types.securityHooks.isEmpty
                ? ": its security modules take no programs, which is CONFIG_BPF_LSM"
                : PlanWords.did(name, among: types.securityHooks)
            error(hook.hook.place, "\(path).hook", "this kernel has no LSM hook '\(name)'\(remedy)")
            return nil
        }
        if let modules = kernel.securityModules, !modules.contains("bpf") {
            error(
                hook.hook.place,
                "\(path).hook",
                "bpf is not among the active security modules (\(modules.joined(separator: ","))): boot with "
                    + "lsm=\((modules + ["bpf"]).joined(separator: ","))"
            )
            return nil
        }
        if case .missing(let why) = kernel.availability(of: .lsm) {
            error(hook.hook.place, "\(path).hook", "this kernel runs no programs on LSM hooks: \(why)")
            return nil
        }
        let symbol = "bpf_lsm_\(name)"
        return HookTarget(
            points: [HookPoint(.lsm, [HookPoint.Function(symbol: symbol, name: name)])],
            kind: .lsm,
            source: .kernel(
                [CallSource.Function(name: name, prototype: prototype)],
                types: types,
                readable: 12,
                hasRegisters: false,
                returns: false
            )
        )
    }

    mutating func tracepointTarget(_ hook: TracepointHook) -> HookTarget? {
        let (subsystem, event) = (hook.subsystem.value, hook.event.value)
        if hook.isRaw { return rawTarget(hook) }
        guard kernel.hasFormats else {
            error(
                hook.event.place,
                "\(path).event",
                "what its record holds is not known: mount tracefs at /sys/kernel/tracing, or say raw: true and count the "
                    + "tracepoint's own arguments"
            )
            return nil
        }
        guard let format = kernel.format(of: event, in: subsystem) else {
            let remedy = PlanWords.did(event, among: kernel.types?.tracepoints ?? [])
            error(hook.event.place, "\(path).event", "this kernel has no tracepoint \(subsystem)/\(event)\(remedy)")
            return nil
        }
        if case .missing(let why) = kernel.availability(of: .tracepoint) {
            error(hook.event.place, "\(path).event", "this kernel runs no programs on tracepoints: \(why)")
            return nil
        }
        return HookTarget(
            points: [
                HookPoint(.tracepoint, [HookPoint.Function(symbol: "\(subsystem)/\(event)", name: event)])
            ],
            kind: .tracepoint,
            group: subsystem,
            source: .record(format, isOfSystemCall: subsystem == "syscalls")
        )
    }

    /// The kernel knows a raw tracepoint by the event's name alone.
    private mutating func rawTarget(_ hook: TracepointHook) -> HookTarget? {
        let (subsystem, event) = (hook.subsystem.value, hook.event.value)
        let prototype = kernel.types?.tracepoint(event)
        if let types = kernel.types, prototype == nil {
            let remedy = PlanWords.did(event, among: types.tracepoints)
            error(hook.event.place, "\(path).event", "this kernel has no tracepoint \(subsystem)/\(event)\(remedy)")
            return nil
        }
        return HookTarget(
            points: [HookPoint(.rawTracepoint, [HookPoint.Function(symbol: event, name: event)])],
            kind: .tracepoint,
            group: subsystem,
            source: .kernel(
                [CallSource.Function(name: "\(subsystem)/\(event)", prototype: prototype)],
                types: kernel.types,
                readable: 12,
                hasRegisters: false,
                returns: false
            )
        )
    }

    mutating func userTarget(_ hook: UserFunctionHook) -> HookTarget? {
        let file = hook.path.value
        if case .missing(let why) = kernel.availability(of: .uprobe) {
            error(hook.path.place, "\(path).path", "this kernel runs no programs on functions of programs: \(why)")
            return nil
        }
        guard isMeant(hook), let places = places(hook, file), !places.isEmpty else { return nil }
        let functions = places.enumerated().map { index, place in
            let counter = hook.counterOffsets.indices.contains(index) ? hook.counterOffsets[index] : 0
            return HookPoint.Function(
                symbol: place.name,
                name: place.name,
                number: place.offset,
                counter: counter,
                offset: place.offset
            )
        }
        return HookTarget(
            points: [HookPoint(.uprobe, functions, file: file)],
            kind: .uprobe,
            source: .user(types: hook.btfPath?.value ?? file, readable: kernel.systemCalls.machine == .arm64 ? 8 : 6)
        )
    }

    private mutating func places(_ hook: UserFunctionHook, _ file: String) -> [(name: String, offset: UInt64)]? {
        do throws(PlaceError) {
            switch hook.location {
            case .offsets(let offsets): return offsets.map { ("", $0) }
            case .addresses(let addresses):
                var found: [(name: String, offset: UInt64)] = []
                for address in addresses {
                    if let offset = try kernel.place(of: address, in: file) {
                        found.append(("", offset))
                    } else {
                        let text = "0x\(String(address, radix: 16))"
                        error(
                            hook.path.place,
                            "\(path).addrs",
                            "there is no code at \(text) of \(VisibleText.of(file))"
                        )
                    }
                }
                return found
            case .symbols(let names):
                let known = try kernel.places(of: Set(names), in: file)
                for name in names where known[name] == nil {
                    error(
                        hook.path.place,
                        "\(path).symbols",
                        "\(VisibleText.of(file)) has no function '\(VisibleText.of(name))'; one without symbols takes offsets"
                    )
                }
                return names.compactMap { name in known[name].map { (name, $0) } }
            }
        } catch {
            self.error(hook.path.place, "\(path).path", "\(VisibleText.of(file)) \(error.what)")
            return nil
        }
    }
}
