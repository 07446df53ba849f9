import CLibBPF
import Glibc

/// A loaded object: owns its programs and maps, which leave the kernel with it unless a link or a map still holds them.
public struct BPFLoaded<Skeleton: BPFSkeleton>: ~Copyable {
    let handle: OpaquePointer

    init(handle: OpaquePointer) { self.handle = handle }

    deinit { bpf_object__close(handle) }

    /// A program; valid as long as this object.
    public func program(_ name: Skeleton.Program) throws(BPFError) -> BPFProgram {
        guard let program = bpf_object__find_program_by_name(handle, name.rawValue), bpf_program__fd(program) >= 0
        else {
            throw BPFError(step: .load, subject: "program \(name.rawValue) of object \(Skeleton.name)", errno: ENOENT)
        }
        return BPFProgram(handle: program, name: name.rawValue)
    }

    /// A map; valid as long as this object.
    public func map(_ name: Skeleton.Map) throws(BPFError) -> BPFMapReference {
        guard let map = bpf_object__find_map_by_name(handle, name.rawValue) else {
            throw BPFError(step: .map, subject: "map \(name.rawValue) of object \(Skeleton.name)", errno: ENOENT)
        }
        return BPFMapReference(descriptor: bpf_map__fd(map), name: name.rawValue)
    }

    /// The initialized variables that the running programs share.
    public var data: Skeleton.Data {
        get throws(BPFError) { try dataSection(Skeleton.Data.self, of: handle, Skeleton.name) }
    }

    /// The zero-initialized variables that the running programs share.
    public var zeroData: Skeleton.ZeroData {
        get throws(BPFError) { try dataSection(Skeleton.ZeroData.self, of: handle, Skeleton.name) }
    }
}

/// Lays a section's variables over its memory, which belongs to the object and is shared with the kernel once loaded.
func dataSection<Section: BPFDataSection>(
    _: Section.Type,
    of object: OpaquePointer,
    _ name: String
) throws(BPFError) -> Section {
    var size = 0
    guard let map = bpf_object__find_map_by_name(object, Section.section),
        let base = bpf_map__initial_value(map, &size), size >= Section.size
    else {
        throw BPFError(step: .map, subject: "section \(Section.section) of object \(name)", errno: ENOENT)
    }
    return Section(base: UnsafeMutableRawPointer(mutating: base))
}
