import Foundation
import Glibc
import Testing

extension Kernel {
    /// What systemd is told, by a socket that the test reads in its place (sd_notify(3)).
    @Suite struct ServiceManagerTests {
        /// Reads datagrams.
        private final class Manager {
            let folder: TemporaryFolder
            let path: String
            private let descriptor: Int32
            private(set) var messages: [String] = []

            init() throws {
                folder = try TemporaryFolder()
                path = folder("notify")
                descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
                var address = sockaddr_un()
                address.sun_family = sa_family_t(AF_UNIX)
                withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
                let bound = withUnsafePointer(to: &address) {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                    }
                }
                try #require(bound == 0)
                chmod(path, 0o666)
            }

            deinit { close(descriptor) }

            /// Whether such a message has come.
            func has(_ text: String) -> Bool {
                var area = [UInt8](repeating: 0, count: 4096)
                while true {
                    let count = recv(descriptor, &area, area.count, 0)
                    guard count > 0 else { break }
                    messages.append(String(decoding: area[..<count], as: UTF8.self))
                }
                return messages.contains { $0.contains(text) }
            }
        }

        @Test func `It is told when the daemon is ready, still runs, reads its configuration again, and ends`() throws {
            let manager = try Manager()
            let daemon = try DaemonRun(
                "event: [exec]\n",
                environment: ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "3000000"]
            )
            #expect(eventually { manager.has("READY=1") })
            #expect(eventually(within: 30) { manager.has("WATCHDOG=1") })
            let ready = manager.messages.count { $0.hasPrefix("READY=1") }
            daemon.child.signal(SIGHUP)
            #expect(eventually(within: 30) { manager.has("RELOADING=1\nMONOTONIC_USEC=") })
            #expect(
                eventually(within: 30) {
                    _ = manager.has("")
                    return manager.messages.count { $0.hasPrefix("READY=1") } == ready + 1
                }
            )
            _ = try daemon.stop()
            #expect(eventually { manager.has("STOPPING=1") })
        }

        @Test func `A watchdog that is meant for another process is not answered`() throws {
            let manager = try Manager()
            let daemon = try DaemonRun(
                "event: [exec]\n",
                environment: ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"]
            )
            #expect(eventually { manager.has("READY=1") })
            sleep(3)
            #expect(!manager.has("WATCHDOG=1"))
            _ = try daemon.stop()
        }

        @Test func `A socket that is not there is no reason not to run`() throws {
            let daemon = try DaemonRun("event: [exec]\n", environment: ["NOTIFY_SOCKET": "/no/such/socket"])
            #expect(try daemon.stop().outcome.code == 0)
        }
    }
}
