import API
import Glibc
import Logging
import Synchronization
import Testing

/// An agent that answers, fails, or is stuck.
final class Control: AgentControl {
    private struct State {
        var isStuck = false
        var failure: ControlFailure?
        var asked = 0
        var waiting = 0
    }

    private let state = Mutex(State())

    var isStuck: Bool {
        get { state.withLock { $0.isStuck } }
        set { state.withLock { $0.isStuck = newValue } }
    }

    var failure: ControlFailure? {
        get { state.withLock { $0.failure } }
        set { state.withLock { $0.failure = newValue } }
    }

    /// How often it was asked, and how many questions wait.
    var asked: Int { state.withLock { $0.asked } }
    var waiting: Int { state.withLock { $0.waiting } }

    func status() async throws -> AgentStatus {
        state.withLock {
            $0.asked += 1
            $0.waiting += 1
        }
        while isStuck { try await Task.sleep(for: .milliseconds(5)) }
        state.withLock { $0.waiting -= 1 }
        if let failure { throw failure }
        var status = AgentStatus()
        status.version = "9.9"
        return status
    }

    func reload() async -> ReloadOutcome { ReloadOutcome() }
}

/// A connection that sends and reads what it likes.
final class RawClient {
    let descriptor: Int32

    init(_ path: String) throws {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        descriptor = try Self.connect(AF_UNIX, &address)
    }

    init(_ to: LoopbackAddress) throws {
        if to.host == "::1" {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = UInt16(to.port).bigEndian
            inet_pton(AF_INET6, to.host, &address.sin6_addr)
            descriptor = try Self.connect(AF_INET6, &address)
        } else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(to.port).bigEndian
            inet_pton(AF_INET, to.host, &address.sin_addr)
            descriptor = try Self.connect(AF_INET, &address)
        }
    }

    deinit { close(descriptor) }

    private struct NotConnected: Error { let errno: Int32 }

    private static func connect<Address>(_ family: Int32, _ address: inout Address) throws -> Int32 {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        // No test waits for ever.
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
        guard result == 0 else {
            let error = errno
            close(descriptor)
            throw NotConnected(errno: error)
        }
        return descriptor
    }

    /// False when the other end has closed.
    @discardableResult
    func send(_ text: String) -> Bool {
        text.withCString { Glibc.send(descriptor, $0, strlen($0), Int32(MSG_NOSIGNAL)) } > 0
    }

    /// All until the other end closes.
    func rest() -> String {
        var bytes: [UInt8] = []
        while let more = receive() { bytes += more }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// One answer, by its length.
    func response() -> String {
        var bytes: [UInt8] = []
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if let match = text.firstMatch(of: /Content-Length: ([0-9]+)\r\n(?s:.*?)\r\n\r\n/),
                let length = Int(match.1), text[match.range.upperBound...].utf8.count >= length
            {
                return text
            }
            guard let more = receive() else { return text }
            bytes += more
        }
    }

    func exchange(_ request: String) -> String {
        send(request)
        return rest()
    }

    private func receive() -> [UInt8]? {
        var area = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &area, area.count, 0)
        return count > 0 ? Array(area[..<count]) : nil
    }
}

extension Logger {
    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}
