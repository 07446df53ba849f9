import CLibBPF
import Glibc

/// The words of an array map, laid into this process' memory: written by a store, where `BPFMap` takes a system call.
public struct MappedArray: ~Copyable {
    /// How many words there are.
    public let count: Int
    private let base: UnsafeMutableRawPointer

    /// Maps an array that was made with `BPF_F_MMAPABLE` (since Linux 5.5), and whose values have 8 bytes.
    ///
    /// - Throws: when it is another one.
    public init(_ map: BPFMapReference) throws(BPFError) {
        var info = bpf_map_info()
        var length = UInt32(MemoryLayout<bpf_map_info>.size)
        let error = bpf_obj_get_info_by_fd(map.descriptor, &info, &length)
        guard error == 0 else { throw BPFError(step: .map, subject: "map \(map.name)", errno: -error) }
        guard info.value_size == 8 else {
            throw BPFError(
                step: .map,
                subject: "map \(map.name)",
                errno: 0,
                log: ["its values have \(info.value_size) bytes"]
            )
        }
        let bytes = Int(info.max_entries) * 8
        let shared = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, map.descriptor, 0)
        guard let shared, shared != MAP_FAILED else {
            throw BPFError(step: .map, subject: "map \(map.name)", errno: Glibc.errno)
        }
        count = Int(info.max_entries)
        base = shared
    }

    deinit { munmap(base, count * 8) }

    /// Writes a word at once: programs see the old one or the new one.
    public func store(_ word: UInt64, at index: Int) {
        precondition(index >= 0 && index < count, "word \(index) of \(count)")
        clibbpf_store_release(base + index * 8, word)
    }
}
