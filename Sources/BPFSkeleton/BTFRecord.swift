/// One record of a BTF type table, as the kernel's `linux/btf.h` lays it out.
struct BTFRecord {
    static let headerSize = 12

    private static let int: UInt32 = 1
    private static let pointer: UInt32 = 2
    private static let array: UInt32 = 3
    private static let structure: UInt32 = 4
    private static let union: UInt32 = 5
    private static let enumeration: UInt32 = 6
    private static let forward: UInt32 = 7
    private static let typedef: UInt32 = 8
    private static let volatile: UInt32 = 9
    private static let const: UInt32 = 10
    private static let restrict: UInt32 = 11
    private static let function: UInt32 = 12
    private static let functionPrototype: UInt32 = 13
    private static let variable: UInt32 = 14
    private static let dataSection: UInt32 = 15
    private static let float: UInt32 = 16
    private static let declarationTag: UInt32 = 17
    private static let typeTag: UInt32 = 18
    private static let enumeration64: UInt32 = 19

    /// Where the name stands in the string table.
    let name: Int
    /// A size or the index of another type: which of the two, the kind decides.
    let sizeOrType: Int
    /// How many bytes follow the header.
    let extraSize: Int
    private let code: UInt32
    private let flag: Bool
    private let extra: Bytes

    init(_ table: Bytes, at offset: Int) throws(ToolError) {
        let header = try table.part(at: offset, count: Self.headerSize)
        name = try header.index(at: 0)
        let info: UInt32 = try header.number(at: 4)
        sizeOrType = try header.index(at: 8)
        code = info >> 24 & 0x1f
        flag = info >> 31 == 1
        extraSize = try Self.extraSize(code: code, members: Int(info & 0xffff))
        extra = try table.part(at: offset + Self.headerSize, count: extraSize)
    }

    /// The type's size in bytes, 0 where BTF records none.
    var size: Int {
        switch code {
        case Self.int, Self.structure, Self.union, Self.enumeration, Self.enumeration64, Self.float: sizeOrType
        case Self.pointer: 8
        default: 0
        }
    }

    /// What the record describes.
    func kind() throws(ToolError) -> BTFTypes.Kind {
        switch code {
        case Self.int:
            let encoding = try extra.number(at: 0, as: UInt32.self) >> 24
            return .integer(isSigned: encoding & 1 != 0, isBool: encoding & 4 != 0)
        case Self.enumeration, Self.enumeration64:
            return .enumeration(isSigned: flag)
        case Self.pointer:
            return .pointer
        case Self.array:
            return .array(element: try extra.index(at: 0))
        case Self.typedef, Self.volatile, Self.const, Self.restrict, Self.typeTag:
            return .alias(of: sizeOrType)
        case Self.variable:
            return .variable(isGlobal: try extra.index(at: 0) == 1)
        case Self.dataSection:
            return .dataSection(try entries())
        default:
            return .other
        }
    }

    private func entries() throws(ToolError) -> [BTFTypes.Entry] {
        var entries: [BTFTypes.Entry] = []
        for offset in stride(from: 0, to: extraSize, by: 12) {
            let entry = BTFTypes.Entry(
                variable: try extra.index(at: offset),
                offset: try extra.index(at: offset + 4),
                size: try extra.index(at: offset + 8)
            )
            entries.append(entry)
        }
        return entries
    }

    private static func extraSize(code: UInt32, members: Int) throws(ToolError) -> Int {
        switch code {
        case pointer, forward, typedef, volatile, const, restrict, function, float, typeTag: 0
        case int, variable, declarationTag: 4
        case array: 12
        case enumeration, functionPrototype: 8 * members
        case structure, union, dataSection, enumeration64: 12 * members
        // The size of what follows is unknown too, so there is no way on.
        default: throw .damaged("its BTF has a type of unknown kind \(code)")
        }
    }
}
