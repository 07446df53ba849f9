import Foundation
import Glibc
import Testing

extension Kernel {
    /// Containers by runc alone, in the control groups that other engines would have made.
    @Suite struct RuncTests {
        private static let id = "2f1c9be01d5a4c8e6b7790a4f1e2d3c4b5a69788796a5b4c3d2e1f00112233aa"
        private static let pod = "8f0d4a1e-5f2b-4c3d-9e8f-7a6b5c4d3e2f"
        private static let slice = "8f0d4a1e_5f2b_4c3d_9e8f_7a6b5c4d3e2f"

        /// Runs `/bin/true`, which lives a millisecond, and returns its exec and its exit.
        private func run(in group: String, _ options: [String] = []) throws -> (exec: Event, exit: Event) {
            let runc = try Programs.need("runc", "busybox")[0]
            let root = try ContainerRoot()
            let top = "/martlet-test-\(getpid())"
            defer { ControlGroups.remove(top) }
            let configuration = """
                {"ociVersion":"1.0.2","process":{"terminal":false,"user":{"uid":0,"gid":0},"args":["/bin/true"],
                "env":["PATH=/bin"],"cwd":"/"},"root":{"path":"\(root.path)","readonly":true},
                "mounts":[{"destination":"/proc","type":"proc","source":"proc"}],"linux":{"cgroupsPath":"\(top + group)",
                "namespaces":[{"type":"pid"},{"type":"mount"},{"type":"ipc"},{"type":"uts"}]}}
                """
            try root.write(configuration, to: "config.json")
            let result = try AgentRun.around("exec,exit", ["--no-container-names"] + options) {
                _ = try Child.check([runc, "--root", root("state"), "run", "-b", root(""), "martlet-\(getpid())"])
            }
            let inside = { (event: Event) in event.text("process.cgroup") == top + group }
            let exec = try #require(
                result.events.last { $0.kind == "process_exec" && inside($0) },
                "no exec in \(group)"
            )
            let exit = try #require(result.events("process_exit", pid: pid_t(exec.pid)).last)
            return (exec, exit)
        }

        @Test(arguments: [
            ("/kubepods/burstable/pod\(pod)/\(id)", "kubernetes", pod),
            ("/kubepods/pod\(pod)/\(id)", "kubernetes", pod),
            ("/kubepods.slice/kubepods-pod\(slice).slice/cri-containerd-\(id).scope", "containerd", pod),
            (
                "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod\(slice).slice/crio-\(id).scope",
                "cri-o", pod
            ),
            ("/system.slice/docker-\(id).scope", "docker", nil), ("/machine.slice/libpod-\(id).scope", "podman", nil),
        ]) func `A process of a millisecond is in its container`(group: String, runtime: String, pod: String?) throws {
            let (exec, exit) = try run(in: group)
            for event in [exec, exit] {
                #expect(event.text("process.container.id") == Self.id)
                #expect(event.text("process.container.runtime") == runtime)
                #expect(event.text("process.docker") == String(Self.id.prefix(31)))
                #expect(event.text("process.pod.uid") == pod)
            }
            #expect(exec.text("process.binary") != nil && exec.text("parent.container.id") != "")
        }

        @Test func `A group of LXC's names its container`() throws {
            let (exec, exit) = try run(in: "/lxc.payload.web")
            for event in [exec, exit] {
                #expect(event.text("process.container.id") == "web")
                #expect(event.text("process.container.runtime") == "lxc")
                #expect(!event.has("process.docker"))
            }
        }

        @Test func `Only the chosen container passes`() throws {
            let (exec, _) = try run(in: "/docker/\(Self.id)", ["--container", String(Self.id.prefix(12))])
            #expect(exec.text("process.container.id") == Self.id)
        }
    }
}
