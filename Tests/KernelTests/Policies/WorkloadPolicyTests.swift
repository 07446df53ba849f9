import Foundation
import Glibc
import Testing

extension Kernel {
    /// Policies and selectors for pods and containers, by the control groups that engines make.
    @Suite struct WorkloadPolicyTests {
        private static let id = "2f1c9be01d5a4c8e6b7790a4f1e2d3c4b5a69788796a5b4c3d2e1f00112233aa"
        private static let pod = "8f0d4a1e-5f2b-4c3d-9e8f-7a6b5c4d3e2f"
        private static let container = "/docker/\(id)"
        private static let podContainer = "/kubepods/pod\(pod)/\(String(id.reversed()))"

        private let hierarchy: String

        init() throws {
            let isV2 = access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0
            hierarchy = isV2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory"
        }

        /// getppid, of those that the policy is for.
        private func parents(_ name: String, _ scope: String, selectors: String = "", kind: String = "") -> String {
            let text = PolicyFile.text(
                name,
                "\(scope)\n  kprobes:\n    - {call: sys_getppid, syscall: true, selectors: [\(selectors)]}"
            )
            return text.replacing("kind: TracingPolicy\n", with: "kind: TracingPolicy\(kind)\n")
        }

        private var policies: String {
            [
                parents("all", ""), parents("containers", "  containerSelector: {}"),
                parents("pods", "  podSelector: {}"),
                parents("host-and-web", "  podSelector: {matchLabels: {app: web}}\n  hostSelector: {}"),
                parents("named", "  containerSelector: {matchLabels: {name: web}}"),
                parents("selector", "", selectors: "{matchWorkloads: {containerSelector: {}}}"),
                parents("namespaced", "", kind: "Namespaced"),
            ].joined(separator: "---\n")
        }

        /// Runs `body` with groups of these paths, removed afterwards.
        private func withGroups(_ paths: [String], _ body: ([String]) throws -> Void) throws {
            let top = "/martlet-test-\(getpid())"
            let directories = paths.map { hierarchy + top + $0 }
            defer { ControlGroups.remove(top) }
            for directory in directories {
                guard
                    (try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true))
                        != nil
                else { try Test.cancel("no control group can be made in \(hierarchy)") }
            }
            try body(directories)
        }

        /// Calls of a program that was started in a group after the agent had time to see who is in there.
        private func call(_ count: Int, in group: String?) throws -> pid_t {
            let enter = group.map { "echo $$ > \($0)/cgroup.procs; /bin/true; sleep 1; " } ?? ""
            return try shell("\(enter)exec perl -e 'syscall(110) for 1..\(count)'").pid
        }

        private func counts(_ events: [Event], _ pids: [pid_t]) -> [String: Int] {
            events.reduce(into: [:]) { counts, event in
                // The shell asks for its parent itself.
                let isOwn = event.text("process.binary")?.hasSuffix("/perl") == true
                guard isOwn, pids.contains(pid_t(event.pid)) else { return }
                counts[event.policy ?? "", default: 0] += 1
            }
        }

        @Test func `Policies for containers, pods and the host see the processes of just these`() throws {
            let folder = try TemporaryFolder()
            let file = try folder.write(policies, to: "policies.yaml")
            try withGroups([Self.container, Self.container + "/inner", Self.podContainer]) { groups in
                var pids: [pid_t] = []
                let result = try AgentRun.around("kprobe", ["--policy", file, "--no-container-names"]) {
                    pids.append(try call(13, in: nil))
                    pids.append(try call(23, in: groups[0]))
                    pids.append(try call(5, in: groups[1]))
                    pids.append(try call(7, in: groups[2]))
                }
                #expect(!result.outcome.errors.contains("is not watched"), "\(result.outcome.errors)")
                #expect(
                    counts(result.events, pids) == [
                        "all": 48, "containers": 35, "pods": 7, "host-and-web": 41, "selector": 35,
                    ]
                )
            }
        }

        @Test func `A container that is started again is followed to its new control group`() throws {
            let folder = try TemporaryFolder()
            let file = try folder.write(parents("containers", "  containerSelector: {}"), to: "policy.yaml")
            try withGroups([Self.container]) { groups in
                var pids: [pid_t] = []
                let result = try AgentRun.around("kprobe", ["--policy", file, "--no-container-names"]) {
                    pids.append(try call(11, in: groups[0]))
                    #expect(rmdir(groups[0]) == 0)
                    // No engine starts one again in less.
                    usleep(100_000)
                    try FileManager.default.createDirectory(atPath: groups[0], withIntermediateDirectories: true)
                    pids.append(try call(13, in: groups[0]))
                }
                #expect(counts(result.events, pids) == ["containers": 24])
            }
        }

        @Test func `A policy that is added later is for containers that ran before, too`() throws {
            let folder = try TemporaryFolder()
            let file = try folder.write(parents("containers", "  containerSelector: {}"), to: "policy.yaml")
            try withGroups([Self.container]) { groups in
                let events = folder("events")
                let daemon = try DaemonRun("event: [kprobe]\nformat: json\nsink: [file:\(events)]\n")
                var pids = [try call(3, in: groups[0])]
                #expect(try daemon.policy("add", [file]).code == 0)
                pids.append(try shell("echo $$ > \(groups[0])/cgroup.procs; exec perl -e 'syscall(110) for 1..11'").pid)
                _ = try daemon.stop()
                #expect(counts(try AgentRun.parse(Machine.contents(events)), pids) == ["containers": 11])
            }
        }
    }
}
