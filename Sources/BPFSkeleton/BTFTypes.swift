/// The C types and variables that the compiler described in an object's `.BTF` section.
struct BTFTypes {
    /// What a type is, as far as a skeleton needs to know; numbers of other types are indices into `types`.
    enum Kind {
        case integer(isSigned: Bool, isBool: Bool)
        case enumeration(isSigned: Bool)
        case pointer
        case array(element: Int)
        /// A typedef, or a qualifier such as const.
        case alias(of: Int)
        case variable(isGlobal: Bool)
        case dataSection([Entry])
        case other
    }

    /// A described type; its size is 0 where BTF records none.
    struct TypeRecord {
        let name: String
        let kind: Kind
        let size: Int
    }

    /// The place of a variable in a data section.
    struct Entry {
        let variable: Int
        let offset: Int
        let size: Int
    }

    /// A data section's variable, with the type it was declared as.
    struct Variable {
        let name: String
        let isGlobal: Bool
        let type: Int
        /// Right for static variables only: that of a global one is left to the linker.
        let offset: Int
        let size: Int
    }

    private let types: [TypeRecord]
    private let variableTypes: [Int: Int]

    init(_ bytes: Bytes) throws(ToolError) {
        guard try bytes.number(at: 0, as: UInt16.self) == 0xeb9f else {
            throw .damaged("its .BTF section is not BTF")
        }
        let headerSize = try bytes.index(at: 4)
        let table = try bytes.part(at: headerSize + bytes.index(at: 8), count: bytes.index(at: 12))
        let strings = try bytes.part(at: headerSize + bytes.index(at: 16), count: bytes.index(at: 20))
        // Type 0 is void and stands in no table.
        var types = [TypeRecord(name: "void", kind: .other, size: 0)]
        var variableTypes: [Int: Int] = [:]
        var offset = 0
        while offset < table.count {
            let reader = try BTFRecord(table, at: offset)
            if case .variable = try reader.kind() {
                variableTypes[types.count] = reader.sizeOrType
            }
            let type = TypeRecord(
                name: try strings.text(at: reader.name),
                kind: try reader.kind(),
                size: reader.size
            )
            types.append(type)
            offset += BTFRecord.headerSize + reader.extraSize
        }
        self.types = types
        self.variableTypes = variableTypes
    }

    /// The variables of a data section, in no particular order; none where the section is not described.
    func variables(in section: String) throws(ToolError) -> [Variable] {
        var variables: [Variable] = []
        for type in types where type.name == section {
            guard case .dataSection(let entries) = type.kind else { continue }
            for entry in entries {
                variables.append(try variable(entry))
            }
        }
        return variables
    }

    /// A type without its typedefs and qualifiers.
    func resolved(_ index: Int) throws(ToolError) -> TypeRecord {
        var index = index
        // A chain longer than the table goes in circles.
        for _ in 0...types.count {
            guard types.indices.contains(index) else { break }
            guard case .alias(let next) = types[index].kind else { return types[index] }
            index = next
        }
        throw .damaged("its BTF has a type that leads nowhere")
    }

    private func variable(_ entry: Entry) throws(ToolError) -> Variable {
        guard types.indices.contains(entry.variable), let type = variableTypes[entry.variable],
            case .variable(let isGlobal) = types[entry.variable].kind
        else {
            throw .damaged("its BTF places something in a section that is not a variable")
        }
        return Variable(
            name: types[entry.variable].name,
            isGlobal: isGlobal,
            type: type,
            offset: entry.offset,
            size: entry.size
        )
    }
}
