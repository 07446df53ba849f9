import BPF
import Filters
import Probes

extension HookPlanner {
    /// Programs that one probe may take: compilers describe the arguments of a few places in a few ways.
    private static let programLimit = 64

    /// The places of a probe, those together whose arguments that are read lie alike.
    mutating func probeTargets(_ hook: UserProbeHook) -> [HookTarget] {
        let (file, name) = (hook.path.value, hook.name.value)
        if case .missing(let why) = kernel.availability(of: .uprobe) {
            error(hook.path.place, "\(path).path", "this kernel runs no programs on probes of programs: \(why)")
            return []
        }
        guard let sites = sites(hook, file) else { return [] }
        let indexes = hook.body.arguments.flatMap { [$0.index, $0.sizeIndex].compactMap(\.self) }
        var groups: [(arguments: [String], key: [String?], sites: [ELFProbe])] = []
        var offsets: Set<UInt64> = []
        for site in sites where offsets.insert(site.offset).inserted {
            let arguments = ProbeArgument.split(site.arguments)
            let key = indexes.map { arguments.indices.contains($0) ? arguments[$0] : nil }
            if let group = groups.firstIndex(where: { $0.key == key }) {
                groups[group].sites.append(site)
                continue
            }
            groups.append((arguments, key, [site]))
            guard groups.count <= Self.programLimit else {
                error(
                    hook.name.place,
                    "\(path).name",
                    "the arguments of \(hook.target) lie in more than \(Self.programLimit) different ways at its places: "
                        + "read fewer of them"
                )
                return []
            }
        }
        return groups.map { group in
            let functions = group.sites.map { site in
                HookPoint.Function(symbol: name, name: name, number: site.offset, counter: site.counter)
            }
            return HookTarget(
                points: [HookPoint(.uprobe, functions, file: file)],
                kind: .usdt,
                group: hook.provider.value,
                source: .probe(group.arguments, types: hook.btfPath?.value ?? file)
            )
        }
    }

    /// All places of a probe; nil, with a problem, where there are none.
    private mutating func sites(_ hook: UserProbeHook, _ file: String) -> [ELFProbe]? {
        let (provider, name) = (hook.provider.value, hook.name.value)
        let probes: [ELFProbe]
        do throws(PlaceError) {
            probes = try kernel.probes(in: file)
        } catch {
            self.error(hook.path.place, "\(path).path", "\(VisibleText.of(file)) \(error.what)")
            return nil
        }
        guard !probes.isEmpty else {
            error(
                hook.path.place,
                "\(path).path",
                "\(VisibleText.of(file)) has no USDT probes: hook a function of it by uprobes"
            )
            return nil
        }
        let own = probes.filter { $0.provider == provider }
        guard !own.isEmpty else {
            let providers = Array(Set(probes.map(\.provider))).sorted()
            let remedy = PlanWords.nearest(provider, among: providers).map { "did you mean \(VisibleText.of($0))?" }
            let list = "it has \(Words.list(providers.prefix(8).map { VisibleText.of($0) }, "and"))"
            error(
                hook.provider.place,
                "\(path).provider",
                "\(VisibleText.of(file)) has no probes of '\(VisibleText.of(provider))'; \(remedy ?? list)"
            )
            return nil
        }
        let sites = own.filter { $0.name == name }
        guard !sites.isEmpty else {
            let names = Array(Set(own.map(\.name))).sorted()
            let remedy = PlanWords.nearest(name, among: names).map { "did you mean \(VisibleText.of($0))?" }
            let list = "it has \(Words.list(names.prefix(8).map { VisibleText.of($0) }, "and"))"
            let more = names.count > 8 ? " among others" : ""
            error(
                hook.name.place,
                "\(path).name",
                "\(VisibleText.of(provider)) of \(VisibleText.of(file)) has no probe '\(VisibleText.of(name))'; "
                    + (remedy ?? list + more)
            )
            return nil
        }
        return sites
    }
}
