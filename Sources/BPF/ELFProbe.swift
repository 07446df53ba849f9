/// A USDT probe of an ELF file, at one of the places where the compiler put it.
public struct ELFProbe: Sendable, Hashable {
    /// The group that it belongs to.
    public let provider: String
    /// Its name in the group.
    public let name: String
    /// Where its instruction lies in the file.
    public let offset: UInt64
    /// Where in the file those are counted who watch it, its semaphore; 0: nowhere.
    public let counter: UInt64
    /// Where its arguments are, each as `SIZE@OPERAND` in the words of the machine's assembler, with blanks between them.
    public let arguments: String

    /// Usually found by ``ELFFile/probes()``.
    public init(provider: String, name: String, offset: UInt64, counter: UInt64 = 0, arguments: String = "") {
        self.provider = provider
        self.name = name
        self.offset = offset
        self.counter = counter
        self.arguments = arguments
    }
}

/// What a note says of a probe, with addresses as the linker left them.
struct ELFProbeNote: Equatable {
    let address: UInt64
    /// Where the section `.stapsdt.base` was then.
    let base: UInt64
    /// 0: none.
    let semaphore: UInt64
    let provider: String
    let name: String
    let arguments: String

    /// - Throws: `damaged`, when it is cut, or has no name.
    init?(_ note: ELFNote) throws(ELFError) {
        guard note.type == 3, note.owner.elementsEqual("stapsdt".utf8) else { return nil }
        let texts = note.description.dropFirst(24).split(
            separator: 0,
            maxSplits: 3,
            omittingEmptySubsequences: false
        )
        // Three texts, each with its terminator, and what may be behind.
        guard texts.count == 4, !texts[0].isEmpty, !texts[1].isEmpty else { throw .damaged }
        address = note.description.u64(0)
        base = note.description.u64(8)
        semaphore = note.description.u64(16)
        provider = String(decoding: texts[0], as: UTF8.self)
        name = String(decoding: texts[1], as: UTF8.self)
        arguments = String(decoding: texts[2], as: UTF8.self)
    }
}

extension ELFFile {
    /// Far more than the probes of any program.
    private static let notesLimit: UInt64 = 8 << 20

    /// All places of all USDT probes; those that are not in the file's code are left out.
    public func probes() throws(ELFError) -> [ELFProbe] {
        var probes: [ELFProbe] = []
        let base = try sections(named: ".stapsdt.base").first?.address
        var left = Self.notesLimit
        for section in try sections(named: ".note.stapsdt") where section.type == 7 {
            guard section.size <= left else { throw .damaged }
            left -= section.size
            for note in try ELFNote.all(in: bytes(of: section)) {
                guard let note = try ELFProbeNote(note) else { continue }
                // What moved the code after it was linked moved the section, and left the notes as they were.
                let moved = base.map { note.base == 0 ? 0 : $0 &- note.base } ?? 0
                guard let offset = fileOffset(of: note.address &+ moved) else { continue }
                let counter = note.semaphore == 0 ? 0 : dataOffset(of: note.semaphore &+ moved)
                guard let counter else { throw .damaged }
                probes.append(
                    ELFProbe(
                        provider: note.provider,
                        name: note.name,
                        offset: offset,
                        counter: counter,
                        arguments: note.arguments
                    )
                )
            }
        }
        return probes
    }
}
