/// The Swift form of a C variable.
enum VariableType: Equatable {
    /// A number, truth value or kernel address that is loaded and stored whole.
    case scalar(String, isAligned: Bool)
    /// An array, of one or more dimensions, whose elements are scalars.
    case array(of: String, count: Int)
    /// A struct, a union or whatever else has no Swift type of its own.
    case raw

    /// The form of a variable, from its type in BTF and the place that it takes.
    init(_ index: Int, size: Int, offset: Int, types: BTFTypes) throws(ToolError) {
        var element = try types.resolved(index)
        var dimensions = 0
        while case .array(let next) = element.kind {
            element = try types.resolved(next)
            dimensions += 1
            // C compilers stop far below this; only a damaged table has an array of itself.
            guard dimensions < 64 else {
                throw .damaged("its BTF has an array that contains itself")
            }
        }
        guard let scalar = Self.scalar(element) else {
            self = .raw
            return
        }
        let isAligned = offset.isMultiple(of: element.size)
        if dimensions == 0 {
            guard size == element.size else {
                throw .damaged("a variable of \(size) bytes has a type of \(element.size)")
            }
            self = .scalar(scalar, isAligned: isAligned)
        } else {
            // A typed buffer over unaligned memory would be undefined behaviour.
            self = isAligned ? .array(of: scalar, count: size / element.size) : .raw
        }
    }

    private static func scalar(_ type: BTFTypes.TypeRecord) -> String? {
        switch type.kind {
        case .integer(_, isBool: true) where type.size == 1: "Bool"
        case .integer(let isSigned, isBool: false), .enumeration(let isSigned): integer(type.size, isSigned)
        // An address in the kernel, which a Swift pointer must not pretend to reach.
        case .pointer: "UInt64"
        default: nil
        }
    }

    private static func integer(_ size: Int, _ isSigned: Bool) -> String? {
        guard [1, 2, 4, 8].contains(size) else { return nil }
        return "\(isSigned ? "" : "U")Int\(size * 8)"
    }
}
