import CLibBPF

extension KernelTypes {
    /// Deeper than any declaration; a damaged file could go round in circles.
    private static let depth = 32

    /// The type with this number, its names and qualifiers taken off.
    public func type(_ id: UInt32) -> KernelType {
        var (id, alias) = (id, String?.none)
        for _ in 0..<Self.depth {
            guard id != 0, let type = btf__type_by_id(handle, id) else { break }
            if btf_is_typedef(type) {
                alias = alias ?? string(type.pointee.name_off)
            } else if !btf_is_mod(type) {
                return described(id, type, alias)
            }
            id = type.pointee.type
        }
        let shape: KernelType.Shape = id == 0 ? .void : .other
        return KernelType(id: id, shape: shape, bytes: 0, name: "void", alias: alias, isCharacter: false)
    }

    /// What a pointer points to, or an array consists of; nil for what is neither.
    public func target(of type: KernelType) -> KernelType? {
        switch type.shape {
        case .pointer(let id), .array(let id, _): complete(self.type(id))
        default: nil
        }
    }

    /// The type that describes what is only named here.
    private func complete(_ type: KernelType) -> KernelType {
        guard case .incomplete = type.shape, let name = type.name.split(separator: " ").last else { return type }
        return structure(String(name)) ?? type
    }

    private func described(_ id: UInt32, _ type: UnsafePointer<btf_type>, _ alias: String?) -> KernelType {
        let name = string(type.pointee.name_off)
        let tag = name.isEmpty ? "" : " \(name)"
        func made(_ shape: KernelType.Shape, _ bytes: Int, _ name: String, isCharacter: Bool = false) -> KernelType {
            KernelType(id: id, shape: shape, bytes: bytes, name: name, alias: alias, isCharacter: isCharacter)
        }
        switch Int(btf_kind(type)) {
        case BTF_KIND_INT:
            let encoding = Int32(btf_int_encoding(type))
            let bytes = Int(type.pointee.size)
            return made(
                .number(isSigned: encoding & BTF_INT_SIGNED != 0),
                bytes,
                name,
                isCharacter: bytes == 1 && encoding & BTF_INT_BOOL == 0
            )
        case BTF_KIND_ENUM, BTF_KIND_ENUM64:
            return made(.number(isSigned: btf_kflag(type)), Int(type.pointee.size), "enum\(tag)")
        case BTF_KIND_PTR:
            let target = type.pointee.type
            return made(.pointer(to: target), Int(btf__pointer_size(handle)), "\(spelled(target)) *")
        case BTF_KIND_ARRAY:
            let array = btf_array(type).pointee
            let bytes = Int(clamping: btf__resolve_size(handle, id))
            let text = "\(spelled(array.type))[\(array.nelems)]"
            return made(.array(of: array.type, count: Int(array.nelems)), max(0, bytes), text)
        case BTF_KIND_STRUCT: return made(.structure, Int(type.pointee.size), "struct\(tag)")
        case BTF_KIND_UNION: return made(.structure, Int(type.pointee.size), "union\(tag)")
        case BTF_KIND_FWD: return made(.incomplete, 0, "\(btf_kflag(type) ? "union" : "struct")\(tag)")
        default: return made(.other, 0, name)
        }
    }

    /// Only as deep as it must be: pointers go round in circles by the structs that they point to.
    private func spelled(_ id: UInt32) -> String {
        var (id, stars) = (id, "")
        for _ in 0..<Self.depth {
            guard id != 0, let type = btf__type_by_id(handle, id) else { return "void\(stars)" }
            if btf_is_ptr(type) {
                stars = stars.isEmpty ? " *" : stars + "*"
            } else if !btf_is_mod(type) {
                let name = string(type.pointee.name_off)
                let keyword =
                    btf_is_struct(type) ? "struct " : btf_is_union(type) ? "union " : btf_is_fwd(type) ? "struct " : ""
                if btf_is_func_proto(type) { return "function\(stars)" }
                return "\(keyword)\(name)\(stars)"
            }
            id = type.pointee.type
        }
        return "?"
    }
}
