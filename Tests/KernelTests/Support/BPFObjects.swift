import BPF
import CLibBPF
import Glibc

/// The numbers of all programs, maps and links that the kernel has.
struct BPFObjects {
    var programs: Set<UInt32>
    var maps: Set<UInt32>
    var links: Set<UInt32>

    static func now() throws -> BPFObjects {
        BPFObjects(
            programs: all(bpf_prog_get_next_id),
            maps: all(bpf_map_get_next_id),
            links: all(bpf_link_get_next_id)
        )
    }

    private static func all(_ next: (UInt32, UnsafeMutablePointer<UInt32>) -> Int32) -> Set<UInt32> {
        var ids: Set<UInt32> = []
        var id: UInt32 = 0
        while next(id, &id) == 0 { ids.insert(id) }
        return ids
    }
}

/// A map of a running agent, found by its name and opened by its number.
struct ForeignMap: ~Copyable {
    let reference: BPFMapReference

    /// The newest map of that name that `among` has.
    init?(named name: String, among ids: Set<UInt32>) {
        for id in ids.sorted(by: >) {
            let descriptor = bpf_map_get_fd_by_id(id)
            guard descriptor >= 0 else { continue }
            var info = bpf_map_info()
            var length = UInt32(MemoryLayout<bpf_map_info>.size)
            let error = bpf_obj_get_info_by_fd(descriptor, &info, &length)
            let found = withUnsafeBytes(of: info.name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if error == 0, found == name {
                reference = BPFMapReference(descriptor: descriptor, name: name)
                entries = info.max_entries
                valueSize = Int(info.value_size)
                return
            }
            close(descriptor)
        }
        return nil
    }

    let entries: UInt32
    let valueSize: Int

    deinit { close(reference.descriptor) }

    /// Writes a 32-bit word at the beginning of every value.
    func setFirstWord(_ word: UInt32) -> Bool {
        var bytes = [UInt8](repeating: 0, count: valueSize)
        for key in 0..<entries {
            var key = key
            guard bpf_map_lookup_elem(reference.descriptor, &key, &bytes) == 0 else { return false }
            bytes.withUnsafeMutableBytes { $0.storeBytes(of: word, as: UInt32.self) }
            guard bpf_map_update_elem(reference.descriptor, &key, &bytes, UInt64(BPF_ANY)) == 0 else { return false }
        }
        return true
    }
}
