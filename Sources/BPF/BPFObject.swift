import CLibBPF
import Glibc

/// An object that is open but not loaded: what can still be chosen about it, and nothing in the kernel yet.
///
/// Opening is the same on every machine; `load()` is where the running kernel comes in.
public struct BPFObject<Skeleton: BPFSkeleton>: ~Copyable {
    let handle: OpaquePointer

    /// Opens the object that the skeleton embeds.
    ///
    /// - Parameters:
    ///   - skeleton: the type that the plugin generated; needed only where nothing else tells.
    ///   - btf: a file with the kernel's types, for kernels that do not give their own.
    public init(_ skeleton: Skeleton.Type = Skeleton.self, btf: String? = nil) throws(BPFError) {
        let bytes = Base64.decode(skeleton.object)
        let (result, log) = BPFLog.capture { () -> (OpaquePointer?, Int32) in
            skeleton.name.withCString { name in
                var options = bpf_object_open_opts()
                options.sz = MemoryLayout<bpf_object_open_opts>.size
                options.object_name = name
                let open = { (path: UnsafePointer<CChar>?) -> (OpaquePointer?, Int32) in
                    options.btf_custom_path = path
                    let opened = bytes.withUnsafeBytes { bpf_object__open_mem($0.baseAddress, $0.count, &options) }
                    return (opened, Glibc.errno)
                }
                return btf.map { $0.withCString(open) } ?? open(nil)
            }
        }
        guard let handle = result.0 else {
            throw BPFError(step: .open, subject: "object \(skeleton.name)", errno: result.1, log: log.suffix(4))
        }
        self.handle = handle
    }

    deinit { bpf_object__close(handle) }

    /// The `const volatile` variables, still writable.
    public var readOnlyData: Skeleton.ReadOnlyData {
        get throws(BPFError) { try dataSection(Skeleton.ReadOnlyData.self, of: handle, Skeleton.name) }
    }

    /// Makes a map as this object declares it, to be shared by several objects: see ``reuse(_:_:)``.
    public func makeMap(_ name: Skeleton.Map) throws(BPFError) -> BPFNewMap {
        let map = try map(name)
        return try BPFNewMap(
            type: bpf_map__type(map).rawValue,
            flags: bpf_map__map_flags(map),
            name: name.rawValue,
            key: Int(bpf_map__key_size(map)),
            value: Int(bpf_map__value_size(map)),
            count: Int(bpf_map__max_entries(map))
        )
    }

    /// Sets how many elements a map will have.
    public func setMaxEntries(_ name: Skeleton.Map, _ count: Int) throws(BPFError) {
        try check(name, bpf_map__set_max_entries(try map(name), UInt32(count)))
    }

    /// Sets how many bytes a map's values will have.
    public func setValueSize(_ name: Skeleton.Map, _ bytes: Int) throws(BPFError) {
        try check(name, bpf_map__set_value_size(try map(name), UInt32(bytes)))
    }

    /// Sets how many bytes the values of the maps will have that a map of maps takes.
    public func setInnerValueSize(_ name: Skeleton.Map, _ bytes: Int) throws(BPFError) {
        try check(name, bpf_map__set_value_size(bpf_map__inner_map(try map(name)), UInt32(bytes)))
    }

    /// Names the kernel function or LSM hook of a program whose section names none.
    public func setTarget(_ name: Skeleton.Program, _ function: String) throws(BPFError) {
        guard let program = bpf_object__find_program_by_name(handle, name.rawValue) else { return }
        let (error, log) = BPFLog.capture { bpf_program__set_attach_target(program, 0, function) }
        if error != 0 {
            throw BPFError(step: .load, subject: "program \(name.rawValue)", errno: -error, log: log.suffix(2))
        }
    }

    /// Makes a map of this object be one that exists already.
    public func reuse(_ name: Skeleton.Map, _ existing: BPFMapReference) throws(BPFError) {
        try check(name, bpf_map__reuse_fd(try map(name), existing.descriptor))
    }

    /// Chooses whether `load()` loads a program; at first all are loaded.
    public func setLoads(_ name: Skeleton.Program, _ loads: Bool) {
        if let program = bpf_object__find_program_by_name(handle, name.rawValue) {
            bpf_program__set_autoload(program, loads)
        }
    }

    /// Chooses whether `load()` creates a map; at first all are. Leave one out with the programs that use it.
    public func setCreates(_ name: Skeleton.Map, _ creates: Bool) throws(BPFError) {
        try check(name, bpf_map__set_autocreate(try map(name), creates))
    }

    /// Has a `uprobe` or `uretprobe` program loaded so that one link can attach it to many places. Since Linux 6.6.
    public func setAttachesToManyUprobes(_ name: Skeleton.Program) {
        if let program = bpf_object__find_program_by_name(handle, name.rawValue) {
            bpf_program__set_expected_attach_type(program, bpf_attach_type(UInt32(CLIBBPF_TRACE_UPROBE_MULTI)))
        }
    }

    /// Creates the maps and has the kernel verify the programs.
    ///
    /// - Throws: with the decisive lines of the verifier's log; nothing stays in the kernel.
    public consuming func load() throws(BPFError) -> BPFLoaded<Skeleton> {
        let handle = handle
        discard self
        let loaded = BPFLoaded<Skeleton>(handle: handle)
        _ = BPFLog.capture { clibbpf_forget_modules(handle) }
        let (error, log) = BPFLog.capture { bpf_object__load(handle) }
        guard error == 0 else {
            throw BPFError(
                step: .load,
                subject: "object \(Skeleton.name)",
                errno: -error,
                log: BPFLog.decisiveLines(log)
            )
        }
        try loaded.shareData()
        return loaded
    }

    private func map(_ name: Skeleton.Map) throws(BPFError) -> OpaquePointer {
        guard let map = bpf_object__find_map_by_name(handle, name.rawValue) else {
            throw BPFError(step: .map, subject: "map \(name.rawValue) of object \(Skeleton.name)", errno: ENOENT)
        }
        return map
    }

    private func check(_ name: Skeleton.Map, _ result: Int32) throws(BPFError) {
        if result != 0 {
            throw BPFError(step: .map, subject: "map \(name.rawValue) of object \(Skeleton.name)", errno: -result)
        }
    }
}
