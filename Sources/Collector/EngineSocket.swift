import Glibc

/// Where a container engine listens.
package struct EngineSocket: Sendable, Hashable {
    /// Whose API is spoken there.
    package enum Engine: UInt32, CaseIterable, Sendable {
        case docker = 1
        case podman = 2
        case containerd = 3
        case crio = 4

        /// The name in options and events.
        package var name: String {
            switch self {
            case .docker: "docker"
            case .podman: "podman"
            case .containerd: "containerd"
            case .crio: "cri-o"
            }
        }

        /// Whether it knows of a container only some time after the container's first program: of a pod's sandbox.
        var knowsLate: Bool { self == .containerd || self == .crio }
    }

    package let engine: Engine
    package let path: String
    /// Who must be at the other end: the engine's user may say what it likes of its own containers.
    package let owner: UInt32
    /// Connects to it, when this process may not; nil: it connects by itself.
    var connector: EngineConnector?

    package init(_ engine: Engine, _ path: String, owner: UInt32 = 0) {
        self.engine = engine
        self.path = path
        self.owner = owner
    }

    /// Asks for `target`, which must be answered within a time and a size, however slowly or for ever the server talks.
    func get(_ target: String, milliseconds: Int, limit: Int) throws(EngineFailure) -> HTTPAnswer {
        let deadline = Self.now() + UInt64(milliseconds) * 1_000_000
        let descriptor = try open()
        defer { close(descriptor) }
        try send("GET \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", to: descriptor, deadline)
        var answer = HTTPAnswer(limit: limit)
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 8)
        defer { room.deallocate() }
        while !answer.isWhole {
            try Self.wait(for: Int16(POLLIN), on: descriptor, until: deadline)
            let count = read(descriptor, room.baseAddress, room.count)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count >= 0 else { throw .system(errno) }
            if count == 0 {
                try answer.end()
                break
            }
            try answer.accept(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(room)[..<count]))
        }
        return answer
    }

    /// A connection to the engine: to whoever may speak for it, and to nobody else. It does not block.
    func open() throws(EngineFailure) -> Int32 {
        if let connector {
            let descriptor = try connector.connect(to: self)
            do {
                try checkOwner(descriptor)
            } catch {
                close(descriptor)
                throw error
            }
            return descriptor
        }
        let descriptor = socket(
            AF_UNIX,
            Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue),
            0
        )
        guard descriptor >= 0 else { throw .system(errno) }
        do {
            try connect(descriptor)
            try checkOwner(descriptor)
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    private func connect(_ descriptor: Int32) throws(EngineFailure) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { field in
            guard path.utf8.count < field.count else { return false }
            field.copyBytes(from: path.utf8)
            return true
        }
        guard fits else { throw .system(ENAMETOOLONG) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw EngineFailure(connecting: errno) }
    }

    /// `struct ucred`, which Glibc shows to those alone who ask for GNU's own.
    private struct Peer {
        var pid: pid_t = 0
        var uid: uid_t = 0
        var gid: gid_t = 0
    }

    private func checkOwner(_ descriptor: Int32) throws(EngineFailure) {
        var peer = Peer()
        var length = socklen_t(MemoryLayout<Peer>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 else { throw .system(errno) }
        guard peer.uid == owner else { throw .foreign(peer.uid) }
    }

    private func send(_ request: String, to descriptor: Int32, _ deadline: UInt64) throws(EngineFailure) {
        let bytes = Array(request.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { area in
                Glibc.send(
                    descriptor,
                    area.baseAddress.map { $0 + sent },
                    area.count - sent,
                    Int32(MSG_NOSIGNAL)
                )
            }
            if count > 0 {
                sent += count
            } else if errno == EAGAIN {
                try Self.wait(for: Int16(POLLOUT), on: descriptor, until: deadline)
            } else if errno != EINTR {
                throw .system(errno)
            }
        }
    }

    private static func wait(for events: Int16, on descriptor: Int32, until deadline: UInt64) throws(EngineFailure) {
        while true {
            let now = now()
            guard now < deadline else { throw .slow }
            var interest = pollfd(fd: descriptor, events: events, revents: 0)
            let count = poll(&interest, 1, Int32((deadline - now) / 1_000_000) + 1)
            if count > 0 { return }
            if count < 0, errno != EINTR { throw .system(errno) }
        }
    }

    /// CLOCK_MONOTONIC, ns: a deadline must not move with the wall clock.
    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// Why an engine gave no name.
package enum EngineFailure: Error, Equatable, CustomStringConvertible {
    /// Nobody listens there, which is nothing to complain of.
    case absent
    case slow
    case tooLarge
    case malformed(String)
    /// Another user than the engine's listens there.
    case foreign(UInt32)
    /// The process that connects follows none.
    case link
    case status(Int)
    /// It speaks gRPC, and has no such service.
    case noCRI
    case otherContainer
    case system(Int32)

    /// Of the error number of connect, which does not block: a queue of callers that is full says so at once.
    init(connecting error: Int32) {
        switch error {
        case ENOENT, ECONNREFUSED, ENOTDIR: self = .absent
        case EAGAIN: self = .slow
        case ELOOP: self = .link
        default: self = .system(error)
        }
    }

    package var description: String {
        switch self {
        case .absent: "nobody listens"
        case .slow: "no answer in time"
        case .tooLarge: "an answer larger than any container's"
        case .malformed(let what): "no answer of a container engine: \(what)"
        case .foreign(let user): "user \(user) listens there, who is not the engine's"
        case .link: "a symbolic link leads there, which is not followed: name the socket itself (container-socket)"
        case .status(let status): "it answers with status \(status)"
        case .noCRI: "it does not speak the Kubernetes CRI (runtime.v1); is its plugin disabled?"
        case .otherContainer: "it answers with another container than was asked for"
        case .system(let number): String(cString: strerror(number))
        }
    }
}
