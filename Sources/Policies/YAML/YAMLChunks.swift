/// The documents of a file as texts, each for itself: what is wrong with one must not hide the others.
enum YAMLChunks {
    /// The bytes of one document, and how many lines stand before it.
    struct Chunk {
        let bytes: ArraySlice<UInt8>
        let lineOffset: Int
    }

    /// Cuts at the lines that YAML keeps for this: they end a document even inside of quotes and blocks of text.
    static func of(_ bytes: [UInt8]) -> [Chunk] {
        var chunks: [Chunk] = []
        // A mark of byte order.
        var begin = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
        var (beginLine, line, index) = (0, 0, begin)
        // Directives belong to the document behind the next mark.
        var (hasDirective, hasContent) = (false, false)
        while index < bytes.count {
            let end = bytes[index...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
            let text = bytes[index..<end]
            if isMark(text, UInt8(ascii: "-")), !hasDirective || hasContent {
                if index > begin { chunks.append(Chunk(bytes: bytes[begin..<index], lineOffset: beginLine)) }
                (begin, beginLine, hasDirective, hasContent) = (index, line, false, true)
            } else if isMark(text, UInt8(ascii: "-")) {
                hasContent = true
            } else if isMark(text, UInt8(ascii: ".")) {
                chunks.append(Chunk(bytes: bytes[begin..<index], lineOffset: beginLine))
                (begin, beginLine, hasDirective, hasContent) = (end, line + 1, false, false)
            } else if text.first == UInt8(ascii: "%"), !hasContent {
                hasDirective = true
            } else if let first = text.first(where: { $0 != UInt8(ascii: " ") && $0 != 9 && $0 != 13 && $0 != 10 }),
                first != UInt8(ascii: "#")
            {
                hasContent = true
            }
            index = end
            line += 1
        }
        if begin < bytes.count { chunks.append(Chunk(bytes: bytes[begin...], lineOffset: beginLine)) }
        return chunks
    }

    /// `---` or `...`, alone or with something behind a space.
    private static func isMark(_ line: ArraySlice<UInt8>, _ byte: UInt8) -> Bool {
        let start = line.startIndex
        guard line.count >= 3, line[start..<start + 3].allSatisfy({ $0 == byte }) else { return false }
        return line.count == 3 || [10, 13, 9, UInt8(ascii: " ")].contains(line[start + 3])
    }
}
