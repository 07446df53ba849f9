import CLibBPF
import Glibc

extension BPFLoaded {
    /// Lays the variables' memory over the kernel's: a plain load leaves a copy behind that nobody else sees.
    func shareData() throws(BPFError) {
        var map = bpf_object__next_map(handle, nil)
        while let current = map {
            var size = 0
            if bpf_map__map_flags(current) & UInt32(BPF_F_MMAPABLE) != 0,
                let base = bpf_map__initial_value(current, &size), bpf_map__fd(current) >= 0
            {
                let isReadOnly = bpf_map__map_flags(current) & UInt32(BPF_F_RDONLY_PROG) != 0
                let protection = isReadOnly ? PROT_READ : PROT_READ | PROT_WRITE
                let shared = mmap(
                    UnsafeMutableRawPointer(mutating: base),
                    size,
                    protection,
                    MAP_SHARED | MAP_FIXED,
                    bpf_map__fd(current),
                    0
                )
                guard shared != MAP_FAILED else {
                    throw BPFError(
                        step: .map,
                        subject: "map \(String(cString: bpf_map__name(current)))",
                        errno: Glibc.errno
                    )
                }
            }
            map = bpf_object__next_map(handle, current)
        }
    }
}
