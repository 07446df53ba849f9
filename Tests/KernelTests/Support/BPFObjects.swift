import CLibBPF
import Foundation
import Glibc

/// The numbers of the programs, maps and links that a process holds.
struct BPFObjects {
    private(set) var programs: Set<UInt32> = []
    private(set) var maps: Set<UInt32> = []
    private(set) var links: Set<UInt32> = []

    init(of pid: pid_t) throws {
        for descriptor in try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fdinfo") {
            let lines = Machine.contents("/proc/\(pid)/fdinfo/\(descriptor)").split(separator: "\n")
            func number(_ key: String) -> UInt32? {
                lines.first { $0.hasPrefix(key + ":") }.flatMap { UInt32($0.split(whereSeparator: \.isWhitespace)[1]) }
            }
            // A link's descriptor tells its program's number as well.
            if let id = number("link_id") { links.insert(id) }
            if let id = number("prog_id") { programs.insert(id) }
            if let id = number("map_id") { maps.insert(id) }
        }
    }

    /// Whether the kernel has none of them any more.
    var areGone: Bool {
        programs.allSatisfy { isGone(bpf_prog_get_fd_by_id($0)) }
            && maps.allSatisfy { isGone(bpf_map_get_fd_by_id($0)) }
            && links.allSatisfy { isGone(bpf_link_get_fd_by_id($0)) }
    }

    private func isGone(_ descriptor: Int32) -> Bool {
        if descriptor >= 0 { close(descriptor) }
        return descriptor == -ENOENT
    }
}

/// A map of a running agent, opened by its number.
struct ForeignMap: ~Copyable {
    let name: String
    private let descriptor: Int32
    private let entries: UInt32
    private let valueSize: Int

    init?(id: UInt32) {
        descriptor = bpf_map_get_fd_by_id(id)
        var info = bpf_map_info()
        var length = UInt32(MemoryLayout<bpf_map_info>.size)
        guard descriptor >= 0, bpf_obj_get_info_by_fd(descriptor, &info, &length) == 0 else { return nil }
        name = withUnsafeBytes(of: info.name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        entries = info.max_entries
        valueSize = Int(info.value_size)
    }

    deinit { close(descriptor) }

    /// Writes a 32-bit word at the beginning of every value.
    func setFirstWord(_ word: UInt32) -> Bool {
        var bytes = [UInt8](repeating: 0, count: valueSize)
        for key in 0..<entries {
            var key = key
            guard bpf_map_lookup_elem(descriptor, &key, &bytes) == 0 else { return false }
            bytes.withUnsafeMutableBytes { $0.storeBytes(of: word, as: UInt32.self) }
            guard bpf_map_update_elem(descriptor, &key, &bytes, UInt64(BPF_ANY)) == 0 else { return false }
        }
        return true
    }
}
