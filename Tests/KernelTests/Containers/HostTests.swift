import Foundation
import Glibc
import Testing

extension Kernel {
    @Suite struct HostTests {
        @Test func `A process in no container is the host's`() throws {
            var pid: pid_t = 0
            let result = try AgentRun.around("exec", ["--container", "host"]) { pid = try Child.run("/bin/true").pid }
            #expect(result.events("process_exec", pid: pid).count == 1)
            #expect(result.events.allSatisfy { !$0.has("process.container") })
        }

        @Test func `No process of the host is in a container`() throws {
            var pid: pid_t = 0
            let result = try AgentRun.around("exec", ["--container", "any"]) { pid = try Child.run("/bin/true").pid }
            #expect(result.events("process_exec", pid: pid).isEmpty)
        }

        @Test func `On a machine with systemd the unit is told`() throws {
            guard access("/run/systemd/system", F_OK) == 0 else { try Test.cancel("systemd does not run here") }
            let name = "martlet-test-\(getpid())"
            let result = try AgentRun.around("exec", ["--unit", name]) {
                _ = try Child.check(["systemd-run", "--wait", "--unit", name, "/bin/true"])
            }
            let exec = try #require(result.events.last { $0.text("process.binary")?.hasSuffix("/true") == true })
            #expect(exec.text("process.unit") == "\(name).service")
        }
    }
}
