/// What user space addresses in an object: its programs, maps and data sections.
struct ObjectContents {
    /// In the order of the source, section by section.
    let programs: [String]
    /// In the order of the source.
    let maps: [String]
    /// The data sections that have variables.
    let dataSections: [DataSection]

    init(object: [UInt8]) throws(ToolError) {
        let elf = try ELF(Bytes(object))
        guard let section = elf.section(".BTF") else {
            throw ToolError(problem: "no .BTF section", remedy: "compile with -g, and strip with --strip-debug only")
        }
        let types = try BTFTypes(elf.contents(of: section))
        programs = try Self.programs(of: elf)
        maps = try Self.maps(of: elf, types: types)
        var dataSections: [DataSection] = []
        for kind in DataSection.Kind.allCases {
            let section = try DataSection(kind, of: elf, types: types)
            dataSections += section.variables.isEmpty ? [] : [section]
        }
        self.dataSections = dataSections
    }

    private static func programs(of elf: ELF) throws(ToolError) -> [String] {
        var found: [ELF.Symbol] = []
        for symbol in elf.symbols where symbol.kind == .function && elf.sections.indices.contains(symbol.section) {
            let section = elf.sections[symbol.section]
            // Functions in .text are called by programs; the kernel runs none of them by itself.
            guard section.isProgramBits, section.isExecutable, section.name != ".text" else { continue }
            guard !symbol.isLocal else {
                throw ToolError(
                    problem: "'\(symbol.name)' in section \"\(section.name)\" is static, which libbpf refuses",
                    remedy: "remove 'static', or SEC() if it is no program"
                )
            }
            found.append(symbol)
        }
        return try distinct(found.sorted { ($0.section, $0.offset) < ($1.section, $1.offset) }.map(\.name))
    }

    private static func maps(of elf: ELF, types: BTFTypes) throws(ToolError) -> [String] {
        guard let section = elf.section(".maps") else { return [] }
        // As libbpf does, which takes a map's name from BTF and a global map's place from its symbol.
        var found: [(name: String, offset: Int)] = []
        for variable in try types.variables(in: section.name) {
            found.append((variable.name, try variable.offset(in: section, of: elf)))
        }
        return try distinct(found.sorted { ($0.offset, $0.name) < ($1.offset, $1.name) }.map(\.name))
    }

    private static func distinct(_ names: [String]) throws(ToolError) -> [String] {
        var seen: Set<String> = []
        for name in names where !seen.insert(name).inserted {
            throw ToolError(problem: "two programs or maps are called '\(name)'", remedy: "rename one of them")
        }
        return names
    }
}
