import CLibBPF
import Glibc

extension BPFProgram {
    /// Attaches a `kprobe` or `kretprobe` program to a kernel function, by its name. Needs `CONFIG_KPROBES`.
    public func attach(kprobe function: String, atReturn: Bool = false) throws(BPFError) -> BPFLink {
        try link { bpf_program__attach_kprobe(handle, atReturn, function) }
    }

    /// Attaches a `kprobe.multi` or `kretprobe.multi` program to many kernel functions at once.
    ///
    /// One function that does not exist refuses all of them. Since Linux 5.18, with `CONFIG_FPROBE`.
    ///
    /// - Parameters:
    ///   - functions: their names.
    ///   - cookies: what `bpf_get_attach_cookie` gives the program, for each function; nil: 0.
    ///   - atReturn: whether to run when they return.
    public func attach(kprobes functions: [String], cookies: [UInt64]? = nil, atReturn: Bool = false) throws(BPFError)
        -> BPFLink
    {
        precondition(cookies == nil || cookies?.count == functions.count, "a cookie for each function")
        var names = functions.map { UnsafePointer(strdup($0)) }
        defer { for name in names { free(UnsafeMutablePointer(mutating: name)) } }
        return try link {
            names.withUnsafeMutableBufferPointer { names in
                if let cookies {
                    cookies.withUnsafeBufferPointer {
                        clibbpf_attach_kprobes(handle, names.baseAddress, $0.baseAddress, names.count, atReturn)
                    }
                } else {
                    clibbpf_attach_kprobes(handle, names.baseAddress, nil, names.count, atReturn)
                }
            }
        }
    }

    /// Attaches a `tp` program to a tracepoint, by its group and name. Needs tracefs.
    public func attach(tracepoint name: String, of group: String) throws(BPFError) -> BPFLink {
        try link { bpf_program__attach_tracepoint(handle, group, name) }
    }

    /// Attaches a `raw_tp` program to a tracepoint, by its name.
    public func attach(rawTracepoint name: String) throws(BPFError) -> BPFLink {
        try link { bpf_program__attach_raw_tracepoint(handle, name) }
    }

    /// Attaches a `uprobe` or `uretprobe` program to an instruction of a file, in all processes or in one.
    ///
    /// - Parameters:
    ///   - offset: where the instruction lies in the file; not its address in memory.
    ///   - path: the file, an executable or a library.
    ///   - counter: where in the file the kernel counts users of the place; 0: nowhere.
    ///   - process: the one process to watch; nil for all.
    ///   - atReturn: whether to run when the function returns that begins there.
    public func attach(
        uprobe offset: UInt64,
        of path: String,
        counter: UInt64 = 0,
        process: Int32? = nil,
        atReturn: Bool = false
    ) throws(BPFError) -> BPFLink {
        var options = bpf_uprobe_opts()
        options.sz = MemoryLayout<bpf_uprobe_opts>.size
        // Numbers that no file has room for are the kernel's to refuse.
        options.ref_ctr_offset = Int(truncatingIfNeeded: counter)
        options.retprobe = atReturn
        let place = Int(truncatingIfNeeded: offset)
        return try link { bpf_program__attach_uprobe_opts(handle, process ?? -1, path, place, &options) }
    }

    /// Attaches a program to many instructions of a file by one link. Since Linux 6.6.
    ///
    /// The program must have been told before it was loaded: ``BPFObject/setAttachesToManyUprobes(_:)``. Unlike a
    /// plain uprobe it needs no more privileges than to load: `CAP_BPF` and `CAP_PERFMON`.
    ///
    /// - Parameters:
    ///   - offsets: where the instructions lie in the file.
    ///   - path: the file, an executable or a library.
    ///   - counters: where in the file the kernel counts users of a place, for each; 0 or nil: nowhere.
    ///   - cookies: what `bpf_get_attach_cookie` gives the program, for each; nil: 0.
    ///   - process: the one process to watch; nil for all.
    ///   - atReturn: whether to run when the functions return that begin there.
    public func attach(
        uprobes offsets: [UInt64],
        of path: String,
        counters: [UInt64]? = nil,
        cookies: [UInt64]? = nil,
        process: Int32? = nil,
        atReturn: Bool = false
    ) throws(BPFError) -> BPFLink {
        let zeros = [UInt64](repeating: 0, count: offsets.count)
        let result = clibbpf_link_uprobes(
            descriptor,
            path,
            offsets,
            counters ?? zeros,
            cookies ?? zeros,
            UInt32(offsets.count),
            UInt32(process ?? 0),
            atReturn
        )
        guard result >= 0 else {
            throw BPFError(step: .attach, subject: "program \(name)", errno: -result)
        }
        return BPFLink(descriptor: result)
    }
}
