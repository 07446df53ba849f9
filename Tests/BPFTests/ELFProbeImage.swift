/// A small ELF file with a section of notes: code at 0x400000, variables at 0x420000 which lie at 0x10000 in the file.
struct ELFProbeImage {
    var bytes = [UInt8](repeating: 0, count: 64)
    /// Where the header of the notes' section begins.
    private(set) var noteHeader = 0
    /// Where the headers of the sections begin, right behind the notes.
    private(set) var table = 0

    /// - Parameter base: where `.stapsdt.base` is; nil: there is none.
    init(_ notes: [UInt8], base: Int? = nil, section: String = ".note.stapsdt") {
        let segment = bytes.count
        for (flags, address, offset) in [(5, 0x400000, 0), (6, 0x420000, 0x10000)] {
            var header = [UInt8](repeating: 0, count: 56)
            for (value, size, at) in [(1, 4, 0), (flags, 4, 4), (offset, 8, 8), (address, 8, 16), (0x10000, 8, 32)] {
                ELFImage.put(value, size, at: at, &header)
            }
            bytes += header
        }
        let names = Array("\0\(section)\0.stapsdt.base\0".utf8)
        let places = [names, notes].map { part in
            defer { bytes += part }
            return (bytes.count, part.count)
        }
        table = bytes.count
        noteHeader = table + 128
        for (name, type, address, place) in [
            (0, 0, 0, (0, 0)), (0, 3, 0, places[0]), (1, 7, 0, places[1]),
            (base == nil ? 0 : section.utf8.count + 2, 1, base ?? 0, (0, 1)),
        ] {
            var header = [UInt8](repeating: 0, count: 64)
            for (value, size, at) in [
                (name, 4, 0), (type, 4, 4), (address, 8, 16), (place.0, 8, 24), (place.1, 8, 32),
            ] { ELFImage.put(value, size, at: at, &header) }
            bytes += header
        }
        // The head is that of any such file.
        bytes.replaceSubrange(0..<20, with: ELFImage().bytes[0..<20])
        for (value, size, at) in [
            (segment, 8, 32), (table, 8, 40), (56, 2, 54), (2, 2, 56), (64, 2, 58), (4, 2, 60), (1, 2, 62),
        ] { ELFImage.put(value, size, at: at, &bytes) }
    }

    static func note(
        _ address: Int,
        base: Int = 0,
        semaphore: Int = 0,
        owner: String = "stapsdt",
        type: Int = 3,
        _ provider: String,
        _ name: String,
        _ arguments: String
    ) -> [UInt8] {
        var description = [UInt8](repeating: 0, count: 24)
        for (index, value) in [address, base, semaphore].enumerated() {
            ELFImage.put(value, 8, at: 8 * index, &description)
        }
        for text in [provider, name, arguments] { description += Array(text.utf8) + [0] }
        return note(of: description, owner: owner, type: type)
    }

    static func note(of description: [UInt8], owner: String = "stapsdt", type: Int = 3) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 12)
        let owner = Array(owner.utf8) + [0]
        for (index, value) in [owner.count, description.count, type].enumerated() {
            ELFImage.put(value, 4, at: 4 * index, &bytes)
        }
        for part in [owner, description] {
            bytes += part
            bytes += repeatElement(0, count: -bytes.count & 3)
        }
        return bytes
    }
}
