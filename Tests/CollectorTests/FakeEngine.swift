import Foundation
import Glibc
import Synchronization

/// A server on a unix socket that answers each request as a test wants it, each on a thread of its own.
final class FakeEngine: Sendable {
    /// What it does with a connection whose request has been read.
    enum Behaviour: Sendable {
        /// Sends this and closes.
        case send(String)
        /// Sends this and leaves the connection open.
        case sendAndStay(String)
        /// Sends this again and again, without an end.
        case sendForEver(String)
        /// Sends this a byte at a time.
        case drip(String)
    }

    let path: String
    private let folder: TemporaryFolderPath
    private let listener: Int32
    private let requests = Mutex<[String]>([])
    private let behaviour: @Sendable (String) -> Behaviour

    /// The first lines of the requests so far.
    var asked: [String] { requests.withLock { $0 } }

    init(_ behaviour: @escaping @Sendable (String) -> Behaviour) throws {
        self.behaviour = behaviour
        folder = try TemporaryFolderPath()
        path = folder.path + "/engine.sock"
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        self.listener = listener
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0, listen(listener, 64) == 0 else { throw CocoaError(.fileWriteUnknown) }
        Thread.detachNewThread { [weak self] in
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                guard let self else { return _ = close(connection) }
                Thread.detachNewThread { self.serve(connection) }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        var request = ""
        var room = [UInt8](repeating: 0, count: 4096)
        while !request.contains("\r\n\r\n") {
            let count = read(connection, &room, room.count)
            guard count > 0 else { return }
            request += String(decoding: room[..<count], as: UTF8.self)
        }
        let line = String(request.prefix { $0 != "\r\n" })
        requests.withLock { $0.append(line) }
        switch behaviour(line) {
        case .send(let text): _ = write(text, to: connection)
        case .sendAndStay(let text):
            _ = write(text, to: connection)
            _ = read(connection, &room, 1)
        case .sendForEver(let text): while write(text, to: connection) {}
        case .drip(let text):
            for byte in text.utf8 {
                guard write(String(UnicodeScalar(byte)), to: connection) else { return }
                usleep(20_000)
            }
        }
    }

    private func write(_ text: String, to connection: Int32) -> Bool {
        let bytes = Array(text.utf8)
        return send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// A good answer with this body.
    static func answer(_ json: String) -> String {
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(json.utf8.count)\r\n\r\n\(json)"
    }

    /// The same in chunks, as servers send what is long.
    static func chunked(_ json: String, size: Int) -> String {
        var text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        var rest = Array(json.utf8)[...]
        while !rest.isEmpty {
            let piece = rest.prefix(size)
            text += String(piece.count, radix: 16) + ";x=y\r\n" + String(decoding: piece, as: UTF8.self) + "\r\n"
            rest = rest.dropFirst(piece.count)
        }
        return text + "0\r\n\r\n"
    }

    static let unknown = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
}

/// A folder that goes with this object.
final class TemporaryFolderPath: Sendable {
    let path: String

    init() throws {
        // Short: the path of a socket has at most 107 bytes.
        path = "/tmp/mt-\(UUID().uuidString.prefix(13))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
