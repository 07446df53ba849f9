import Glibc

/// Files that the kernel makes up when they are read: their size is not known before.
enum KernelFile {
    /// More than the symbols of any kernel.
    private static let limit = 64 << 20

    /// All of it; nil where it is not there, or not for this process.
    static func read(_ path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count < limit {
            let count = Glibc.read(file, &piece, piece.count)
            if count < 0 { return nil }
            if count == 0 { return bytes }
            bytes += piece.prefix(count)
        }
        return nil
    }

    /// Reads a file of any size piece by piece: one on a disk, which ends.
    static func pieces(of path: String, _ body: ([UInt8]) -> Void) throws(PlaceError) {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else { throw PlaceError("cannot be read: \(String(cString: strerror(errno)))") }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw PlaceError("is no plain file")
        }
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(file, &piece, piece.count)
            guard count >= 0 else { throw PlaceError("cannot be read: \(String(cString: strerror(errno)))") }
            if count == 0 { return }
            body(Array(piece.prefix(count)))
        }
    }

    /// The number in the name of a namespace, such as `net:[4026531840]`.
    static func namespace(_ path: String) -> UInt64? {
        var link = [CChar](repeating: 0, count: 64)
        let count = readlink(path, &link, link.count)
        guard count > 0 else { return nil }
        let text = link.prefix(count).map { UInt8(bitPattern: $0) }
        guard let open = text.firstIndex(of: UInt8(ascii: "[")) else { return nil }
        return UInt64(String(decoding: text[(open + 1)...].dropLast(), as: UTF8.self))
    }
}
