import Glibc
import Model

/// Reads a recording chunk by chunk.
package struct RecordingReader: ~Copyable {
    /// The machine that it was made on.
    package let node: String
    private let file: Int32
    private let path: String
    private var offset = 0
    private var area: UnsafeMutableRawBufferPointer

    package init(path: String) throws(RecordingError) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .system(path: path, errno: errno) }
        let name: [UInt8]
        do {
            name = try Self.readHeader(file, path)
        } catch {
            close(file)
            throw error
        }
        node = String(decoding: name, as: UTF8.self)
        self.file = file
        self.path = path
        offset = Recording.headerSize + name.count
        area = .allocate(byteCount: 1 << 20, alignment: 8)
    }

    deinit {
        close(file)
        area.deallocate()
    }

    private static func readHeader(_ file: Int32, _ path: String) throws(RecordingError) -> [UInt8] {
        var fixed = [UInt8](repeating: 0, count: Recording.headerSize)
        let size = fixed.count
        let got = try read(file, path, &fixed, size)
        guard got > 0, fixed[..<got].starts(with: Recording.magic.prefix(got)) else { throw .foreign(path: path) }
        guard got == size else { throw .truncated(path: path, offset: 0) }
        let words = fixed.withUnsafeBytes { bytes in
            (0..<4).map { bytes.loadUnaligned(fromByteOffset: Recording.magic.count + 4 * $0, as: UInt32.self) }
        }
        guard words[1] != Recording.byteOrder.byteSwapped else { throw .byteOrder(path: path) }
        guard words[1] == Recording.byteOrder else { throw .foreign(path: path) }
        guard words[0] == Recording.version else { throw .version(path: path, words[0]) }
        guard words[2] <= Recording.largestName else { throw .foreign(path: path) }
        var name = [UInt8](repeating: 0, count: Int(words[2]))
        guard try read(file, path, &name, name.count) == name.count else {
            throw .truncated(path: path, offset: 0)
        }
        guard name.withUnsafeBytes(Recording.checksum) == words[3] else { throw .damaged(path: path, offset: 0) }
        return name
    }

    /// Calls `body` with each record of the next chunk; false at the end of the recording.
    package mutating func next(_ body: (UnsafeRawBufferPointer) -> Void) throws(RecordingError) -> Bool {
        var header = [UInt8](repeating: 0, count: 12)
        let got = try Self.read(file, path, &header, 12)
        if got == 0 { return false }
        guard got == 12 else { throw .truncated(path: path, offset: offset) }
        let words = header.withUnsafeBytes { bytes in
            (0..<3).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self) }
        }
        let length = Int(words[1])
        guard words[0] == Recording.chunk, length <= Recording.largestChunk else {
            throw .damaged(path: path, offset: offset)
        }
        if length > area.count {
            area.deallocate()
            area = .allocate(byteCount: length, alignment: 8)
        }
        let chunk = UnsafeMutableRawBufferPointer(rebasing: area[..<length])
        guard try Self.read(file, path, chunk) == length else { throw .truncated(path: path, offset: offset) }
        guard Recording.checksum(UnsafeRawBufferPointer(chunk)) == words[2] else {
            throw .damaged(path: path, offset: offset)
        }
        var begin = 0
        while begin + 4 <= length {
            let size = Int(chunk.loadUnaligned(fromByteOffset: begin, as: UInt32.self))
            guard size > 0, begin + size <= length else { throw .damaged(path: path, offset: offset + 12 + begin) }
            body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(chunk)[begin..<begin + size]))
            begin += (size + 7) & ~7
        }
        offset += 12 + length
        return true
    }

    private static func read(_ file: Int32, _ path: String, _ bytes: inout [UInt8], _ count: Int) throws(RecordingError)
        -> Int
    {
        let result = bytes.withUnsafeMutableBytes { area in
            Result { () throws(RecordingError) in
                try read(file, path, UnsafeMutableRawBufferPointer(rebasing: area[..<count]))
            }
        }
        return try result.get()
    }

    private static func read(_ file: Int32, _ path: String, _ area: UnsafeMutableRawBufferPointer)
        throws(RecordingError) -> Int
    {
        var held = 0
        while held < area.count {
            let count = Glibc.read(file, area.baseAddress.map { $0 + held }, area.count - held)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .system(path: path, errno: errno) }
            if count == 0 { break }
            held += count
        }
        return held
    }
}
