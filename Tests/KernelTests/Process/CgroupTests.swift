import Foundation
import Glibc
import Testing

extension Kernel {
    @Suite struct CgroupTests {
        /// The directory of the hierarchy whose path events tell: v2, or on a hybrid machine that of memory.
        private let hierarchy: String

        init() throws {
            let v2Only = access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0
            hierarchy = v2Only ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory"
        }

        /// Runs `body` with a new control group, removed afterwards.
        private func withGroup(_ body: (_ path: String, _ directory: String) throws -> Void) throws {
            let path = "/martlet-test-\(getpid())/inner"
            let directory = hierarchy + path
            guard
                (try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)) != nil
            else {
                try Test.cancel("no control group can be made in \(hierarchy)")
            }
            defer {
                rmdir(directory)
                rmdir((directory as NSString).deletingLastPathComponent)
            }
            try body(path, directory)
        }

        @Test func `The path of the control group is told`() throws {
            try withGroup { path, directory in
                var pid: pid_t = 0
                let result = try AgentRun.around("exec") {
                    pid = try shell("echo $$ > \(directory)/cgroup.procs; exec /bin/true").pid
                }
                let execs = result.events("process_exec", pid: pid)
                #expect(execs.last?.text("process.cgroup") == path)
                #expect(execs.first?.text("process.cgroup") != path)
            }
        }

        @Test func `A process in the root of all hierarchies tells the root`() throws {
            let own = Machine.contents("/proc/self/cgroup").split(separator: "\n").allSatisfy { $0.hasSuffix(":/") }
            guard own else { try Test.cancel("these tests do not run in the root control group") }
            var pid: pid_t = 0
            let result = try AgentRun.around("exec") { pid = try Child.run("/bin/true").pid }
            #expect(result.events("process_exec", pid: pid).last?.text("process.cgroup") == "/")
        }
    }
}
