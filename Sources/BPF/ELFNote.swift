/// One note of an ELF file: what a tool has written beside its code.
struct ELFNote: Equatable {
    /// Who defines what the type means.
    let owner: [UInt8]
    let type: UInt32
    let description: [UInt8]

    /// The notes of a section, in their order.
    ///
    /// - Throws: `damaged`, when one of them says that it ends behind the section's end.
    static func all(in bytes: [UInt8]) throws(ELFError) -> [ELFNote] {
        var notes: [ELFNote] = []
        var at = 0
        // What is left behind the last one is padding.
        while bytes.count - at >= 12 {
            let (ownerSize, size) = (Int(bytes.u32(at)), Int(bytes.u32(at + 4)))
            let owner = at + 12
            let description = owner + (ownerSize + 3) & ~3
            guard description <= bytes.count, size <= bytes.count - description else { throw .damaged }
            notes.append(
                ELFNote(
                    // With its terminator.
                    owner: Array(bytes[owner..<owner + max(0, ownerSize - 1)]),
                    type: bytes.u32(at + 8),
                    description: Array(bytes[description..<description + size])
                )
            )
            at = min(bytes.count, description + (size + 3) & ~3)
        }
        return notes
    }
}

extension ELFFile {
    /// Far more than the notes that are loaded with any program.
    private static let loadedNotesLimit: UInt64 = 1 << 20

    /// What the linker made of all that the file was linked from; nil where it was not asked to.
    public func buildID() throws(ELFError) -> [UInt8]? {
        for note in try loadedNotes(upTo: Self.loadedNotesLimit)
        where note.type == 3 && note.owner.elementsEqual("GNU".utf8) && !note.description.isEmpty {
            return note.description
        }
        return nil
    }
}
