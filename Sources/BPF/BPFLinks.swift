import CLibBPF

/// The links of all programs of an object: they detach together when it goes.
public struct BPFLinks: ~Copyable {
    private let handles: [OpaquePointer]

    init(handles: [OpaquePointer]) { self.handles = handles }

    deinit { for handle in handles { bpf_link__destroy(handle) } }

    /// How many programs are attached.
    public var count: Int { handles.count }
}

extension BPFLoaded {
    /// Attaches every loaded program to the hook that its section names, all or none.
    ///
    /// Programs whose section names no hook, such as those reached by tail calls, cannot be attached like this.
    public func attach() throws(BPFError) -> BPFLinks {
        var handles: [OpaquePointer] = []
        var program = bpf_object__next_program(handle, nil)
        while let current = program {
            program = bpf_object__next_program(handle, current)
            guard bpf_program__fd(current) >= 0 else { continue }
            do {
                let attached = BPFProgram(handle: current, name: String(cString: bpf_program__name(current)))
                handles.append(try attached.attach().release())
            } catch {
                for handle in handles { bpf_link__destroy(handle) }
                throw error
            }
        }
        return BPFLinks(handles: handles)
    }
}
