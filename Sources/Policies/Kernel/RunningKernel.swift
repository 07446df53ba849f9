import BPF
import Filters
import Glibc
import Probes

/// The kernel that this runs on: each fact is found out when it is first asked for, and remembered.
package final class RunningKernel: KernelFacts {
    package private(set) lazy var types = try? KernelTypes()
    package private(set) lazy var symbols: KernelSymbols? = KernelFile.read("/proc/kallsyms").flatMap { bytes in
        let symbols = KernelSymbols(kallsyms: bytes)
        return symbols.isEmpty ? nil : symbols
    }
    package private(set) lazy var traceable: Set<String>? = readTraceable()
    package private(set) lazy var securityModules: [String]? = KernelFile.read("/sys/kernel/security/lsm").map {
        bytes in
        String(decoding: bytes, as: UTF8.self).split { $0 == "," || $0 == "\n" }.map(String.init)
    }
    private lazy var tracing: String? = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"].first {
        access("\($0)/events", R_OK | X_OK) == 0
    }
    /// Keys of maps had to fit on a program's stack before 5.11 ("bpf: Lift hashtab key_size limit").
    package private(set) lazy var longestText = Self.takesLongKeys() ? PolicyLimits.textBytes : 504
    private var modules: [String: KernelTypes?] = [:]
    private var files: [String: KernelTypes?] = [:]
    private var tried: [HookPoint.Attachment: Availability] = [:]

    private let namespaces: HostNamespaces

    /// Nothing else is asked yet.
    ///
    /// - Parameter namespaces: the machine's own, found out while this process could.
    package init(namespaces: HostNamespaces = HostNamespaces()) { self.namespaces = namespaces }

    private static func takesLongKeys() -> Bool {
        do throws(BPFError) {
            _ = try BPFNewMap(.hash, name: "long_keys", key: 8 + PolicyLimits.textBytes, value: 8, count: 1)
            return true
        } catch {
            // Whoever may make no maps finds out nothing.
            return error.errno != E2BIG
        }
    }

    package var hasFormats: Bool { tracing != nil }
    package var systemCalls: SystemCallTable { .own }

    package func types(ofModule name: String) -> KernelTypes? {
        if let known = modules[name] { return known }
        let found = types.flatMap { try? KernelTypes(module: name, base: $0) }
        modules[name] = .some(found)
        return found
    }

    package func types(inFile path: String) -> KernelTypes? {
        if let known = files[path] { return known }
        let found = try? KernelTypes(file: path)
        files[path] = .some(found)
        return found
    }

    package func availability(of attachment: HookPoint.Attachment) -> Availability {
        if let known = tried[attachment] { return known }
        let found = attempt(attachment)
        tried[attachment] = found
        return found
    }

    package func format(of event: String, in subsystem: String) -> TracepointFormat? {
        tracing.flatMap { KernelFile.read("\($0)/events/\(subsystem)/\(event)/format") }
            .flatMap { TracepointFormat(String(decoding: $0, as: UTF8.self)) }
    }

    package func hostNamespace(_ kind: NamespaceKind) -> UInt64? { namespaces[kind] }

    package func places(of functions: Set<String>, in file: String) throws(PlaceError) -> [String: UInt64] {
        try look(file) { elf throws(ELFError) in try elf.functionOffsets(functions) }
    }

    package func place(of address: UInt64, in file: String) throws(PlaceError) -> UInt64? {
        try look(file) { elf throws(ELFError) in elf.fileOffset(of: address) }
    }

    package func probes(in file: String) throws(PlaceError) -> [ELFProbe] {
        try look(file) { elf throws(ELFError) in try elf.probes() }
    }

    package func digest(_ algorithm: String, of file: String) throws(PlaceError) -> String? {
        guard var hash = SecureHash(algorithm) else {
            return try look(file) { elf throws(ELFError) in try elf.buildID()?.hexadecimal }
        }
        try KernelFile.pieces(of: file) { hash.add($0) }
        return hash.finish()
    }

    private func look<Result>(_ path: String, _ body: (ELFFile) throws(ELFError) -> Result) throws(PlaceError) -> Result
    {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw PlaceError("cannot be read: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        do { return try body(try ELFFile(descriptor: descriptor)) } catch { throw PlaceError("is \(error)") }
    }

    private func readTraceable() -> Set<String>? {
        guard let tracing, let bytes = KernelFile.read("\(tracing)/available_filter_functions"), !bytes.isEmpty else {
            return nil
        }
        return Set(
            bytes.split(separator: UInt8(ascii: "\n")).map { line in
                String(decoding: line.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)
            }
        )
    }

    private func attempt(_ attachment: HookPoint.Attachment) -> Availability {
        let upgrades: [Upgrade] =
            switch attachment {
            case .fentry: [.fentry]
            case .kprobeMulti: [.kprobeMulti]
            case .kprobe: [.kprobe]
            case .lsm: [.lsm]
            case .tracepoint: [.tracepoint]
            case .uprobe: [.uprobeMulti, .uprobe]
            // The least that the agent runs with.
            case .rawTracepoint, .syscallEnter, .syscallExit: []
            }
        var answer = Availability.works
        for upgrade in upgrades {
            switch upgrade.attempt() {
            case .works: return .works
            case .silent, .idle: answer = .missing("it loads and never runs; it takes \(upgrade.requirement)")
            case .refused(let error):
                // Who has everything and is refused meets a policy of the machine; who has not cannot know.
                answer =
                    geteuid() == 0
                    ? .missing("it takes \(upgrade.requirement) (\(error.reason))") : .unknown(error.reason)
            }
        }
        return answer
    }
}
