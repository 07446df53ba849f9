import CLibBPF

extension KernelTypes {
    /// A step from a value to what it holds, as it is written.
    public enum PathStep: Hashable, Sendable {
        /// A member of a struct or union, or of what a pointer points to.
        case member(String)
        /// An element of an array, or of what a pointer points to.
        case element(Int)
    }

    /// Where in memory a member is.
    public struct MemberPlace: Hashable, Sendable {
        /// One step to it: add the offset; then, for a load, go on with the pointer that lies there.
        public struct Step: Hashable, Sendable {
            /// Bytes to add.
            public let offset: Int
            /// Whether a pointer is followed.
            public let isLoad: Bool
        }

        /// From the value; the last one leads to the member and loads nothing.
        public let steps: [Step]
        /// The member's type.
        public let type: KernelType
        /// Whether it is made of single bits of what lies there.
        public let isBitField: Bool
    }

    /// Why there is no such member.
    public enum MemberError: Error, Hashable, Sendable {
        /// The struct has no member of this name; what it has.
        case noMember(String, of: KernelType, members: [String])
        /// This is no struct, nor a pointer to one.
        case noStructure(KernelType)
        /// This is neither array nor pointer.
        case noArray(KernelType)
        /// The array has only so many elements.
        case outside(Int, count: Int)
        /// The struct is named and nowhere described.
        case incomplete(KernelType)
    }

    /// Finds a member from a value: a pointer's target, or a struct whose address is at hand.
    public func place(from type: KernelType, along path: [PathStep]) throws(MemberError) -> MemberPlace {
        var steps: [MemberPlace.Step] = []
        var (current, offset, isBitField) = (type, 0, false)
        for (index, step) in path.enumerated() {
            if current.isPointer, let target = target(of: current) {
                // The value itself is at hand; pointers that lie in memory are loaded.
                if index > 0 {
                    steps.append(MemberPlace.Step(offset: offset, isLoad: true))
                    offset = 0
                }
                if case .element(let number) = step {
                    guard target.bytes > 0 else { throw .incomplete(target) }
                    offset += number * target.bytes
                    current = target
                    continue
                }
                current = target
            }
            switch step {
            case .element(let number):
                guard case .array(_, let count) = current.shape, let element = target(of: current) else {
                    throw .noArray(current)
                }
                guard count == 0 || number < count else { throw .outside(number, count: count) }
                offset += number * element.bytes
                current = element
            case .member(let name):
                switch current.shape {
                case .structure: break
                case .incomplete: throw .incomplete(current)
                default: throw .noStructure(current)
                }
                guard let member = member(name, of: current.id, 0) else {
                    throw .noMember(name, of: current, members: members(of: current))
                }
                offset += member.bits / 8
                isBitField = member.isBitField
                current = self.type(member.type)
            }
        }
        steps.append(MemberPlace.Step(offset: offset, isLoad: false))
        return MemberPlace(steps: steps, type: current, isBitField: isBitField)
    }

    /// The names of a struct's members, those of parts without a name among them.
    public func members(of type: KernelType) -> [String] { names(of: type.id, 0) }

    private static let nesting = 16

    private func member(_ name: String, of id: UInt32, _ depth: Int) -> (type: UInt32, bits: Int, isBitField: Bool)? {
        guard depth < Self.nesting, let type = btf__type_by_id(handle, id), btf_is_composite(type) else { return nil }
        let members = UnsafeBufferPointer(start: btf_members(type), count: Int(btf_vlen(type)))
        for (index, member) in members.enumerated() {
            let bits = Int(btf_member_bit_offset(type, UInt32(index)))
            let text = string(member.name_off)
            if text == name { return (member.type, bits, btf_member_bitfield_size(type, UInt32(index)) != 0) }
            if text.isEmpty, let found = self.member(name, of: self.type(member.type).id, depth + 1) {
                return (found.type, bits + found.bits, found.isBitField)
            }
        }
        return nil
    }

    private func names(of id: UInt32, _ depth: Int) -> [String] {
        guard depth < Self.nesting, let type = btf__type_by_id(handle, id), btf_is_composite(type) else { return [] }
        return UnsafeBufferPointer(start: btf_members(type), count: Int(btf_vlen(type))).flatMap { member in
            let name = string(member.name_off)
            return name.isEmpty ? names(of: self.type(member.type).id, depth + 1) : [name]
        }
    }
}
