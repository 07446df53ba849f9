/// Part of a path, in place.
struct PathPiece {
    private let path: UnsafeRawBufferPointer
    let range: Range<Int>

    init(_ path: UnsafeRawBufferPointer, _ range: Range<Int>) {
        self.path = path
        self.range = range
    }

    var count: Int { range.count }
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: path[range]) }

    static func == (piece: PathPiece, text: StaticString) -> Bool {
        piece.count == text.utf8CodeUnitCount && piece.dropping(prefix: text) != nil
    }

    /// What follows `text`, if it begins so.
    func dropping(prefix text: StaticString) -> PathPiece? {
        guard begins(with: text, at: 0) else { return nil }
        return suffix(from: text.utf8CodeUnitCount)
    }

    /// What stands before `text`, if it ends so.
    func dropping(suffix text: StaticString) -> PathPiece? {
        let length = count - text.utf8CodeUnitCount
        guard length >= 0, begins(with: text, at: length) else { return nil }
        return PathPiece(path, range.lowerBound..<range.lowerBound + length)
    }

    /// What stands before the first `mark`, if there is one.
    func droppingFrom(_ mark: Unicode.Scalar) -> PathPiece? {
        guard let index = bytes.firstIndex(of: UInt8(ascii: mark)) else { return nil }
        return PathPiece(path, range.lowerBound..<range.lowerBound + index)
    }

    func suffix(from index: Int) -> PathPiece { PathPiece(path, range.lowerBound + index..<range.upperBound) }

    func contains(_ text: StaticString) -> Bool { lastIndex(of: text) != nil }

    func lastIndex(of text: StaticString) -> Int? {
        var index = count - text.utf8CodeUnitCount
        while index >= 0 {
            if begins(with: text, at: index) { return index }
            index -= 1
        }
        return nil
    }

    private func begins(with text: StaticString, at index: Int) -> Bool {
        guard index + text.utf8CodeUnitCount <= count else { return false }
        for offset in 0..<text.utf8CodeUnitCount
        where path[range.lowerBound + index + offset] != text.utf8Start[offset] {
            return false
        }
        return true
    }

    /// A container's id as the engines make them: 64 hexadecimal digits.
    var isEngineID: Bool { count == 64 && isHexadecimal }

    var isHexadecimal: Bool { bytes.allSatisfy(Self.isHexadecimal) }

    static func isHexadecimal(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte
    }

    /// A decimal number of 32 bits.
    var number: UInt32? {
        guard (1...10).contains(count) else { return nil }
        var number: UInt64 = 0
        for byte in bytes {
            guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { return nil }
            number = number * 10 + UInt64(byte - UInt8(ascii: "0"))
        }
        return UInt32(exactly: number)
    }

    /// A systemd unit that processes run in.
    var isUnit: Bool {
        for kind in [".service", ".scope", ".socket", ".mount", ".swap"] as [StaticString] {
            if let name = dropping(suffix: kind) { return name.count > 0 }
        }
        return false
    }
}
