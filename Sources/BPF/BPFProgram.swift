import CLibBPF
import Glibc

/// A loaded program; valid as long as the object that it came from.
public struct BPFProgram {
    let handle: OpaquePointer
    /// Its name in C.
    public let name: String

    /// The program's file descriptor, which the object owns.
    public var descriptor: Int32 { bpf_program__fd(handle) }

    /// Attaches to the hook that the program's section names.
    public func attach() throws(BPFError) -> BPFLink {
        try link { bpf_program__attach(handle) }
    }

    /// Makes a link of what libbpf's `body` returns, or an error of what it says.
    func link(_ body: () -> OpaquePointer?) throws(BPFError) -> BPFLink {
        let (link, log) = BPFLog.capture { () -> (OpaquePointer?, Int32) in (body(), Glibc.errno) }
        guard let handle = link.0 else {
            throw BPFError(step: .attach, subject: "program \(name)", errno: link.1, log: log.suffix(2))
        }
        return BPFLink(handle: handle)
    }

    /// Runs a raw tracepoint program once, in the calling thread, and returns its result. Since Linux 5.10.
    public func run() throws(BPFError) -> UInt32 {
        let result = clibbpf_run(descriptor)
        guard result >= 0 else {
            throw BPFError(step: .run, subject: "program \(name)", errno: Int32(-result))
        }
        return UInt32(truncatingIfNeeded: result)
    }

    /// What the kernel counts of the program.
    public var information: Information {
        get throws(BPFError) {
            var info = bpf_prog_info()
            var length = UInt32(MemoryLayout<bpf_prog_info>.size)
            let error = bpf_obj_get_info_by_fd(descriptor, &info, &length)
            guard error == 0 else { throw BPFError(step: .run, subject: "program \(name)", errno: -error) }
            return Information(
                id: info.id,
                recursionMisses: info.recursion_misses,
                verifiedInstructions: info.verified_insns == 0 ? nil : info.verified_insns,
                runTime: info.run_time_ns,
                runs: info.run_cnt
            )
        }
    }

    /// The kernel's numbers of all programs that are loaded, whoever loaded them. Needs `CAP_SYS_ADMIN`.
    public static func loadedIdentifiers() throws(BPFError) -> [UInt32] {
        var list: [UInt32] = []
        while true {
            let next = clibbpf_next_program(list.last ?? 0)
            guard next >= 0 else { throw BPFError(step: .run, subject: "list of programs", errno: Int32(-next)) }
            if next == 0 { return list }
            list.append(UInt32(next))
        }
    }

    /// What the kernel counts of a program.
    public struct Information: Sendable {
        /// The kernel's number of the program.
        public var id: UInt32
        /// How often it did not run because it ran on the same CPU already. Since Linux 5.12.
        public var recursionMisses: UInt64
        /// How many instructions the verifier looked at. Since Linux 5.16.
        public var verifiedInstructions: UInt32?
        /// Nanoseconds spent in it while there was a ``BPFRunTime``, or `kernel.bpf_stats_enabled` was set.
        public var runTime: UInt64
        /// Runs meanwhile.
        public var runs: UInt64
    }
}
