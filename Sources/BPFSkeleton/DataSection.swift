/// A section of variables that user space reads and writes through a mapping.
struct DataSection {
    /// The sections that the compiler fills by itself.
    enum Kind: String, CaseIterable {
        case readOnly = ".rodata"
        case initialized = ".data"
        case zero = ".bss"

        /// The name of the section's type in a skeleton.
        var typeName: String {
            switch self {
            case .readOnly: "ReadOnlyData"
            case .initialized: "Data"
            case .zero: "ZeroData"
            }
        }
    }

    /// A global variable and the Swift type that is laid out like it.
    struct Variable {
        let name: String
        let type: VariableType
        let offset: Int
        let size: Int
    }

    let kind: Kind
    let size: Int
    /// By offset; static variables are not among them, as with libbpf's own skeletons: their names are not unique.
    let variables: [Variable]

    init(_ kind: Kind, of elf: ELF, types: BTFTypes) throws(ToolError) {
        self.kind = kind
        guard let section = elf.section(kind.rawValue) else {
            size = 0
            variables = []
            return
        }
        size = section.size
        var variables: [Variable] = []
        for variable in try types.variables(in: section.name) where variable.isGlobal {
            let offset = try variable.offset(in: section, of: elf)
            let type = try VariableType(variable.type, size: variable.size, offset: offset, types: types)
            variables.append(Variable(name: variable.name, type: type, offset: offset, size: variable.size))
        }
        self.variables = variables.sorted { ($0.offset, $0.name) < ($1.offset, $1.name) }
    }
}

extension BTFTypes.Variable {
    /// Where the variable stands in its section.
    func offset(in section: ELF.Section, of elf: ELF) throws(ToolError) -> Int {
        let offset = isGlobal ? try symbolOffset(in: section, of: elf) : self.offset
        guard offset <= section.size, size <= section.size - offset else {
            throw .damaged("'\(name)' reaches beyond the end of \(section.name)")
        }
        return offset
    }

    private func symbolOffset(in section: ELF.Section, of elf: ELF) throws(ToolError) -> Int {
        let symbol = elf.symbols.first { symbol in
            symbol.section == section.index && symbol.kind == .object && !symbol.isLocal && symbol.name == name
        }
        guard let symbol else {
            throw .damaged("\(section.name) has no symbol '\(name)', though its BTF names one")
        }
        return symbol.offset
    }
}
