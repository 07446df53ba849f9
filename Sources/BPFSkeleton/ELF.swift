/// The sections and symbols of an object file for the kernel's virtual machine.
struct ELF {
    /// A stretch of the file with a name.
    struct Section {
        let index: Int
        let name: String
        let isProgramBits: Bool
        let isExecutable: Bool
        let size: Int
        fileprivate let header: Header
    }

    /// A name for a place in a section.
    struct Symbol {
        enum Kind {
            case object
            case function
            case other
        }

        let name: String
        let kind: Kind
        let isLocal: Bool
        let section: Int
        let offset: Int
    }

    /// The fields of a section header that a reader needs.
    fileprivate struct Header {
        let name: Int
        let type: Int
        let flags: UInt64
        let offset: Int
        let size: Int
        let link: Int
    }

    private static let fileHeaderSize = 64
    private static let sectionHeaderSize = 64
    private static let symbolSize = 24
    private static let bpfMachine: UInt16 = 247

    private let bytes: Bytes
    let sections: [Section]
    let symbols: [Symbol]

    init(_ bytes: Bytes) throws(ToolError) {
        try Self.checkKind(of: bytes)
        self.bytes = bytes
        sections = try Self.sections(of: bytes)
        symbols = try Self.symbols(of: bytes, sections: sections)
    }

    /// The first section of a name.
    func section(_ name: String) -> Section? {
        sections.first { $0.name == name }
    }

    /// What a section holds in the file.
    func contents(of section: Section) throws(ToolError) -> Bytes {
        try bytes.part(at: section.header.offset, count: section.size)
    }

    private static func checkKind(of bytes: Bytes) throws(ToolError) {
        let wrongKind = "give an object that clang made with -target bpfel"
        guard bytes.count >= fileHeaderSize else {
            throw .damaged("\(bytes.count) bytes are less than an ELF header")
        }
        // 0x7f E L F, then 64-bit, little-endian, version 1.
        guard try bytes.number(at: 0) == 0x464c_457f, try bytes.number(at: 4) & 0xff_ffff == 0x01_0102 else {
            throw ToolError(problem: "not a little-endian 64-bit ELF file", remedy: wrongKind)
        }
        let machine = try bytes.number(at: 18, as: UInt16.self)
        guard machine == bpfMachine else {
            throw ToolError(problem: "an ELF file for machine \(machine), not for BPF", remedy: wrongKind)
        }
    }

    private static func sections(of bytes: Bytes) throws(ToolError) -> [Section] {
        let start = try bytes.wideIndex(at: 40)
        let entrySize = Int(try bytes.number(at: 58, as: UInt16.self))
        let count = Int(try bytes.number(at: 60, as: UInt16.self))
        let namesIndex = Int(try bytes.number(at: 62, as: UInt16.self))
        guard entrySize == sectionHeaderSize, namesIndex < count else {
            throw .damaged("its table of sections is not one")
        }
        let table = try bytes.part(at: start, count: count * entrySize)
        var headers: [Header] = []
        for index in 0..<count {
            headers.append(try header(in: table.part(at: index * entrySize, count: entrySize)))
        }
        let names = try bytes.part(at: headers[namesIndex].offset, count: headers[namesIndex].size)
        var sections: [Section] = []
        for (index, header) in headers.enumerated() {
            let section = Section(
                index: index,
                name: try names.text(at: header.name),
                isProgramBits: header.type == 1,
                isExecutable: header.flags & 4 != 0,
                size: header.size,
                header: header
            )
            sections.append(section)
        }
        return sections
    }

    private static func header(in entry: Bytes) throws(ToolError) -> Header {
        Header(
            name: try entry.index(at: 0),
            type: try entry.index(at: 4),
            flags: try entry.number(at: 8, as: UInt64.self),
            offset: try entry.wideIndex(at: 24),
            size: try entry.wideIndex(at: 32),
            link: try entry.index(at: 40)
        )
    }

    private static func symbols(of bytes: Bytes, sections: [Section]) throws(ToolError) -> [Symbol] {
        guard let table = sections.first(where: { $0.header.type == 2 }) else {
            throw ToolError(problem: "no symbol table", remedy: "strip with --strip-debug, not --strip-all")
        }
        guard sections.indices.contains(table.header.link) else {
            throw .damaged("its symbols have no names")
        }
        let strings = sections[table.header.link].header
        let names = try bytes.part(at: strings.offset, count: strings.size)
        let entries = try bytes.part(at: table.header.offset, count: table.size)
        var symbols: [Symbol] = []
        for index in 0..<(table.size / symbolSize) {
            symbols.append(try symbol(in: entries.part(at: index * symbolSize, count: symbolSize), names: names))
        }
        return symbols
    }

    private static func symbol(in entry: Bytes, names: Bytes) throws(ToolError) -> Symbol {
        let info = try entry.number(at: 4, as: UInt8.self)
        let kind: Symbol.Kind =
            switch info & 0xf {
            case 1: .object
            case 2: .function
            default: .other
            }
        return Symbol(
            name: try names.text(at: entry.index(at: 0)),
            kind: kind,
            isLocal: info >> 4 == 0,
            section: Int(try entry.number(at: 6, as: UInt16.self)),
            offset: try entry.wideIndex(at: 8)
        )
    }
}
