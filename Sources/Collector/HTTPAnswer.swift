/// An answer of an HTTP/1.1 server, taken in as it comes; no more of it is kept than asked for.
struct HTTPAnswer {
    private enum State {
        case statusLine, header, body(Int), chunkSize, chunk(Int), chunkEnd, trailer, untilEnd, done
    }

    private(set) var status = 0
    private(set) var body: [UInt8] = []
    private var state = State.statusLine
    private var line: [UInt8] = []
    private var headSize = 0
    private var length: Int?
    private var isChunked = false
    private let limit: Int
    private static let headLimit = 16 << 10

    /// - Parameter limit: of the body, in bytes.
    init(limit: Int) { self.limit = limit }

    /// Whether the answer is whole; what follows is not looked at.
    var isWhole: Bool { if case .done = state { true } else { false } }

    /// Takes in what has been read.
    mutating func accept(_ bytes: UnsafeRawBufferPointer) throws(EngineFailure) {
        var rest = bytes[...]
        while !rest.isEmpty, !isWhole {
            switch state {
            case .body(let left): try take(left, of: &rest) { .body($0) }
            case .chunk(let left): try take(left, of: &rest) { .chunk($0) }
            case .untilEnd: try take(rest.count, of: &rest) { _ in .untilEnd }
            default: try readLine(&rest)
            }
        }
    }

    /// The server has closed: that ends an answer whose length was not told.
    mutating func end() throws(EngineFailure) {
        guard case .untilEnd = state else {
            if isWhole { return }
            throw .malformed("it ends too early")
        }
        state = .done
    }

    private mutating func take(
        _ wanted: Int,
        of rest: inout Slice<UnsafeRawBufferPointer>,
        _ more: (Int) -> State
    ) throws(EngineFailure) {
        let piece = rest.prefix(wanted)
        guard body.count + piece.count <= limit else { throw .tooLarge }
        body += piece
        rest = rest.dropFirst(piece.count)
        let left = wanted - piece.count
        switch (state, left) {
        case (.body, 0): state = .done
        case (.chunk, 0): state = .chunkEnd
        default: state = more(left)
        }
    }

    private mutating func readLine(_ rest: inout Slice<UnsafeRawBufferPointer>) throws(EngineFailure) {
        let newline = rest.firstIndex(of: UInt8(ascii: "\n"))
        let piece = rest[..<(newline ?? rest.endIndex)]
        headSize += piece.count + 1
        guard headSize <= Self.headLimit else { throw .malformed("its header does not end") }
        line += piece
        rest = rest[(newline.map { $0 + 1 } ?? rest.endIndex)...]
        guard newline != nil else { return }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        let text = String(decoding: line, as: UTF8.self)
        line = []
        try accept(line: text)
    }

    private mutating func accept(line: String) throws(EngineFailure) {
        switch state {
        case .statusLine:
            let words = line.split(separator: " ", maxSplits: 2)
            guard words.count >= 2, words[0] == "HTTP/1.1" || words[0] == "HTTP/1.0", let status = Int(words[1]),
                (200...599).contains(status)
            else {
                throw .malformed("this is not HTTP")
            }
            self.status = status
            state = .header
        case .header: if line.isEmpty { try beginBody() } else { try accept(header: line) }
        case .chunkSize:
            guard let size = Int(line.prefix { $0 != ";" }, radix: 16), size >= 0 else {
                throw .malformed("the size of a chunk is no number")
            }
            guard size <= limit else { throw .tooLarge }
            // Each chunk may have a line of its own.
            headSize = 0
            state = size == 0 ? .trailer : .chunk(size)
        case .chunkEnd:
            guard line.isEmpty else { throw .malformed("a chunk does not end where it should") }
            state = .chunkSize
        case .trailer: if line.isEmpty { state = .done }
        case .body, .chunk, .untilEnd, .done: break
        }
    }

    private mutating func accept(header line: String) throws(EngineFailure) {
        guard let colon = line.firstIndex(of: ":") else { throw .malformed("a header has no colon") }
        let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
        switch line[..<colon].lowercased() {
        case "content-length":
            guard let length = Int(value), length >= 0 else { throw .malformed("its length is no number") }
            guard length <= limit else { throw .tooLarge }
            self.length = length
        case "transfer-encoding": isChunked = value.lowercased() == "chunked"
        default: break
        }
    }

    private mutating func beginBody() throws(EngineFailure) {
        if isChunked {
            state = .chunkSize
        } else if let length {
            state = length == 0 ? .done : .body(length)
        } else {
            state = .untilEnd
        }
    }
}
