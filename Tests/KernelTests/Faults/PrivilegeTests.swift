import Foundation
import Glibc
import Testing

extension Kernel {
    @Suite struct PrivilegeTests {
        private let folder: TemporaryFolder
        private let program: String

        init() throws {
            folder = try TemporaryFolder()
            // The build's folders may be root's alone.
            program = folder("martlet")
            try FileManager.default.copyItem(atPath: try Products.martlet(), toPath: program)
        }

        private func refusal(_ wrapper: [String]) throws -> String {
            let outcome = try Child(wrapper + [program, "run", "--duration", "1"]).wait(seconds: 30)
            #expect(outcome.code == 1)
            #expect(outcome.output.isEmpty)
            return outcome.errors
        }

        @Test func `Without root it says so, and what would help`() throws {
            let text = try refusal(["setpriv", "--reuid", "1001", "--regid", "1001", "--clear-groups"])
            #expect(text.contains("run as root, or with CAP_BPF and CAP_PERFMON"))
        }

        @Test(arguments: ["bpf", "perfmon"])
        func `As root without a capability it says which ones it needs`(missing: String) throws {
            // CAP_SYS_ADMIN would stand in for both
            let text = try refusal([
                "setpriv", "--bounding-set", "-sys_admin,-\(missing)", "--inh-caps", "-sys_admin,-\(missing)",
            ])
            #expect(text.contains("this process lacks CAP_\(missing.uppercased());"))
        }

        @Test func `Two capabilities are enough`() throws {
            try FileManager.default.removeItem(atPath: program)
            let run = try AgentRun("open", through: Privileges.twoCapabilities)
            let (pid, _) = try workload("open", "5", "/etc/hostname")
            let result = try run.stop()
            #expect(result.outcome.code == 0)
            #expect(result.events("process_file", pid: pid).count { $0.text("path") == "/etc/hostname" } == 5)
        }
    }
}
