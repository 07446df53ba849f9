import Glibc

/// An ELF file of this machine's kind, read piece by piece: which functions it has, and which libraries it asks for.
///
/// For files that anyone may have made: every number in them is checked before it is used, work and memory are bounded.
/// It is read, never mapped, because a mapped file that becomes shorter kills who looks at it.
public struct ELFFile {
    /// Reads `count` bytes at an offset; fewer, or nil, where there are none.
    public typealias Reader = (_ offset: UInt64, _ count: Int) -> [UInt8]?

    private let read: Reader
    private let segments: [Segment]
    private let sections: [Section]
    /// Which section has the names of all.
    private let nameSection: Int

    private struct Segment {
        let type: UInt32
        let flags: UInt32
        let offset: UInt64
        let address: UInt64
        let size: UInt64
    }

    struct Section {
        /// Where it begins in the section of names.
        let name: UInt32
        let type: UInt32
        let link: UInt32
        let address: UInt64
        let offset: UInt64
        let size: UInt64
    }

    /// More than any file has that a linker made.
    private static let segmentLimit = 256
    private static let sectionLimit = 1024
    private static let tableLimit: UInt64 = 32 << 20
    private static let symbolsAtOnce = 4096

    /// Reads the headers of an open file.
    public init(descriptor: Int32) throws(ELFError) {
        try self.init { offset, count in
            guard let offset = off_t(exactly: offset) else { return nil }
            return [UInt8](unsafeUninitializedCapacity: count) { area, length in
                length = max(0, pread(descriptor, area.baseAddress, count, offset))
            }
        }
    }

    /// Reads the headers of a file that `read` knows.
    public init(read: @escaping Reader) throws(ELFError) {
        self.read = read
        let header = try Self.whole(64, at: 0, read)
        guard header[0..<4].elementsEqual([0x7f, 0x45, 0x4c, 0x46]) else { throw .notELF }
        #if arch(arm64)
            let machine = 183
        #else
            let machine = 62
        #endif
        // 64 bits, little-endian; an executable or a library
        guard header[4] == 2, header[5] == 1, header.u16(18) == machine, [2, 3].contains(header.u16(16)) else {
            throw .foreign
        }
        guard header.u16(54) == 56, header.u16(58) == 64 || header.u16(60) == 0 else { throw .damaged }
        let (segmentCount, sectionCount) = (Int(header.u16(56)), Int(header.u16(60)))
        guard segmentCount <= Self.segmentLimit, sectionCount <= Self.sectionLimit else { throw .damaged }
        nameSection = Int(header.u16(62))
        let programs = try Self.whole(segmentCount * 56, at: header.u64(32), read)
        segments = (0..<segmentCount).map { index in
            let at = index * 56
            return Segment(
                type: programs.u32(at),
                flags: programs.u32(at + 4),
                offset: programs.u64(at + 8),
                address: programs.u64(at + 16),
                size: programs.u64(at + 32)
            )
        }
        let table = try Self.whole(sectionCount * 64, at: header.u64(40), read)
        sections = (0..<sectionCount).map { index in
            let at = index * 64
            return Section(
                name: table.u32(at),
                type: table.u32(at + 4),
                link: table.u32(at + 40),
                address: table.u64(at + 16),
                offset: table.u64(at + 24),
                size: table.u64(at + 32)
            )
        }
    }

    private static func whole(_ count: Int, at offset: UInt64, _ read: Reader) throws(ELFError) -> [UInt8] {
        if count == 0 { return [] }
        guard let bytes = read(offset, count), bytes.count == count else { throw .damaged }
        return bytes
    }

    /// Where in the file each of these functions begins; those that it does not define are left out.
    public func functionOffsets(_ names: Set<String>) throws(ELFError) -> [String: UInt64] {
        try definitions(names, type: 2).compactMapValues { fileOffset(of: $0) }
    }

    /// Which of these variables the file defines.
    public func variables(_ names: Set<String>) throws(ELFError) -> Set<String> {
        Set(try definitions(names, type: 1).keys)
    }

    /// The names of the libraries that it is linked with.
    public func libraries() throws(ELFError) -> [String] {
        var names: [String] = []
        if let section = sections.first(where: { $0.type == 6 }) {
            let strings = try strings(of: section)
            let entries = try Self.whole(Int(min(section.size, 1 << 16)) & ~15, at: section.offset, read)
            for at in stride(from: 0, to: entries.count, by: 16) where entries.u64(at) == 1 {
                if let name = strings.string(entries.u64(at + 8)) {
                    names.append(String(decoding: name, as: UTF8.self))
                }
            }
        }
        return names
    }

    /// Names and addresses from the dynamic symbols, and then from those for debuggers.
    private func definitions(_ names: Set<String>, type: UInt8) throws(ELFError) -> [String: UInt64] {
        var found: [String: UInt64] = [:]
        let wanted = names.map { (name: $0, bytes: Array($0.utf8) + [0]) }
        for kind in [UInt32(11), 2] {
            // A file has one of each kind; one that has many only wants to be read for long.
            if let section = sections.first(where: { $0.type == kind }) {
                guard section.size <= Self.tableLimit else { throw .damaged }
                let strings = try strings(of: section)
                var (at, left) = (section.offset, Int(section.size / 24))
                while left > 0, found.count < names.count {
                    let count = min(left, Self.symbolsAtOnce)
                    let symbols = try Self.whole(count * 24, at: at, read)
                    for symbol in stride(from: 0, to: symbols.count, by: 24)
                    where symbols[symbol + 4] & 0xf == type && symbols.u16(symbol + 6) != 0 {
                        let name = Int(symbols.u32(symbol))
                        for candidate in wanted where strings.has(candidate.bytes, at: name) {
                            if found[candidate.name] == nil { found[candidate.name] = symbols.u64(symbol + 8) }
                        }
                    }
                    left -= count
                    at &+= UInt64(count * 24)
                }
            }
        }
        return found
    }

    private func strings(of section: Section) throws(ELFError) -> [UInt8] {
        try strings(Int(section.link))
    }

    private func strings(_ index: Int) throws(ELFError) -> [UInt8] {
        guard index < sections.count, sections[index].type == 3 else { throw .damaged }
        return try bytes(of: sections[index])
    }

    /// All that a section holds.
    func bytes(of section: Section) throws(ELFError) -> [UInt8] {
        guard section.size <= Self.tableLimit else { throw .damaged }
        return try Self.whole(Int(section.size), at: section.offset, read)
    }

    /// The sections of this name.
    func sections(named name: String) throws(ELFError) -> [Section] {
        // A file of which nothing is named says 0.
        guard nameSection != 0 else { return [] }
        let (strings, name) = (try strings(nameSection), Array(name.utf8) + [0])
        return sections.filter { strings.has(name, at: Int($0.name)) }
    }

    /// The notes that are there while the program runs, also where it has lost its sections.
    func loadedNotes(upTo limit: UInt64) throws(ELFError) -> [ELFNote] {
        var (notes, left) = ([ELFNote](), limit)
        for segment in segments where segment.type == 4 {
            guard segment.size <= left else { throw .damaged }
            left -= segment.size
            notes += try ELFNote.all(in: Self.whole(Int(segment.size), at: segment.offset, read))
        }
        return notes
    }

    /// An address in an executable segment, as a place in the file; nil where nothing of it is executable.
    public func fileOffset(of address: UInt64) -> UInt64? {
        offset(of: address, flag: 1)
    }

    /// An address in a writable segment, as a place in the file; nil where nothing of it is writable.
    func dataOffset(of address: UInt64) -> UInt64? {
        offset(of: address, flag: 2)
    }

    private func offset(of address: UInt64, flag: UInt32) -> UInt64? {
        for segment in segments where segment.type == 1 && segment.flags & flag != 0 && address >= segment.address {
            let inside = address - segment.address
            let (offset, overflow) = segment.offset.addingReportingOverflow(inside)
            if inside < segment.size, !overflow, offset <= UInt64(Int64.max) { return offset }
        }
        return nil
    }
}

extension [UInt8] {
    func u16(_ at: Int) -> UInt16 { UInt16(self[at]) | UInt16(self[at + 1]) << 8 }
    func u32(_ at: Int) -> UInt32 { UInt32(u16(at)) | UInt32(u16(at + 2)) << 16 }
    func u64(_ at: Int) -> UInt64 { UInt64(u32(at)) | UInt64(u32(at + 4)) << 32 }

    fileprivate func has(_ bytes: [UInt8], at begin: Int) -> Bool {
        guard begin < count, self[begin] == bytes[0], count - begin >= bytes.count else { return false }
        return self[begin..<begin + bytes.count].elementsEqual(bytes)
    }

    /// The string that begins there, without its terminator; nil when it begins or ends outside.
    fileprivate func string(_ at: UInt64) -> ArraySlice<UInt8>? {
        guard at < UInt64(count) else { return nil }
        // Longer ones name nothing that is asked for.
        let rest = self[Int(at)...].prefix(256)
        return rest.firstIndex(of: 0).map { rest[..<$0] }
    }
}
