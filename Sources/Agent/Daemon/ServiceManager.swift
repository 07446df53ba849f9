import CLinux
import Glibc
import Synchronization

/// What systemd is told about the daemon: that it is ready, ends, reads its configuration again, and still runs.
///
/// The protocol of sd_notify(3): datagrams to the socket that `NOTIFY_SOCKET` names. Without one nothing is told.
package final class ServiceManager: Sendable {
    private let socket: Int32
    /// How often it wants to hear that we still run, ns; nil: not at all (sd_watchdog_enabled(3)).
    private let watchdog: UInt64?
    private let lastPing = Atomic<UInt64>(0)

    package init() {
        let variable = { (name: String) in getenv(name).map { String(cString: $0) } }
        socket = variable("NOTIFY_SOCKET").map(Self.connect) ?? -1
        let isMeant = variable("WATCHDOG_PID").map { $0 == "\(getpid())" } ?? true
        watchdog = isMeant ? variable("WATCHDOG_USEC").flatMap(UInt64.init).map { $0 * 1000 / 2 } : nil
    }

    deinit { if socket >= 0 { close(socket) } }

    /// Sends lines such as `READY=1`.
    package func tell(_ lines: String) {
        guard socket >= 0 else { return }
        _ = lines.withCString { send(socket, $0, strlen($0), Int32(MSG_NOSIGNAL | MSG_DONTWAIT)) }
    }

    /// Says that the configuration is read again; `READY=1` ends that.
    package func tellReloading() {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        tell("RELOADING=1\nMONOTONIC_USEC=\(time.tv_sec * 1_000_000 + time.tv_nsec / 1000)")
    }

    /// Says that we still run, when it is time to. Call it more often than that.
    ///
    /// - Parameter now: boot time, ns.
    package func ping(at now: UInt64) {
        guard let watchdog, now - lastPing.load(ordering: .relaxed) >= watchdog / 2 else { return }
        lastPing.store(now, ordering: .relaxed)
        tell("WATCHDOG=1")
    }

    private static func connect(_ path: String) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path), !path.isEmpty else { return -1 }
        withUnsafeMutableBytes(of: &address.sun_path) {
            $0.copyBytes(from: path.utf8)
            // An abstract one (unix(7)).
            if path.hasPrefix("@") { $0[0] = 0 }
        }
        let length = MemoryLayout<sockaddr_un>.offset(of: \.sun_path)! + path.utf8.count
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, socklen_t(length)) }
        }
        guard result == 0 else {
            close(descriptor)
            return -1
        }
        return descriptor
    }
}
