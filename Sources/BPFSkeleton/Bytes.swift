/// A part of a file that is read with every bound checked, because what it holds may be damaged.
struct Bytes {
    private let storage: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        storage = bytes[...]
    }

    private init(_ storage: ArraySlice<UInt8>) {
        self.storage = storage
    }

    var count: Int { storage.count }

    /// The little-endian number at an offset.
    func number<Number: FixedWidthInteger & UnsignedInteger>(
        at offset: Int,
        as type: Number.Type = UInt32.self
    ) throws(ToolError) -> Number {
        let bytes = try part(at: offset, count: MemoryLayout<Number>.size).storage
        return bytes.reversed().reduce(0) { $0 << 8 | Number($1) }
    }

    /// The 32-bit number at an offset, as an index or a size.
    func index(at offset: Int) throws(ToolError) -> Int {
        Int(try number(at: offset, as: UInt32.self))
    }

    /// The 64-bit number at an offset, as an index or a size.
    func wideIndex(at offset: Int) throws(ToolError) -> Int {
        guard let value = Int(exactly: try number(at: offset, as: UInt64.self)) else {
            throw .damaged("an offset beyond any file")
        }
        return value
    }

    /// A part of this part, in which offsets start at 0 again.
    func part(at offset: Int, count: Int) throws(ToolError) -> Bytes {
        let (end, overflow) = offset.addingReportingOverflow(count)
        guard offset >= 0, count >= 0, !overflow, end <= storage.count else {
            throw .damaged("\(count) bytes at offset \(offset) reach beyond the \(storage.count) there are")
        }
        return Bytes(storage[(storage.startIndex + offset)..<(storage.startIndex + end)])
    }

    /// The zero-terminated text at an offset.
    func text(at offset: Int) throws(ToolError) -> String {
        let rest = try part(at: offset, count: count - offset).storage
        guard let end = rest.firstIndex(of: 0) else {
            throw .damaged("a name without an end")
        }
        return String(decoding: rest[..<end], as: UTF8.self)
    }
}
