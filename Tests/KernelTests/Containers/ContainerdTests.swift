import CRIPods
import Foundation
import Glibc
import Testing

extension Kernel {
    @Suite struct ContainerdTests {
        private static let uid = "8f0d4a1e-5f2b-4c3d-9e8f-7a6b5c4d3e2f"
        private static let image = "docker.io/library/martlet-test:1"

        /// A daemon of the test's own, with its CRI on a socket of its own.
        private final class Daemon {
            let socket: String
            let engine: PodEngine
            let root: ContainerRoot
            private let child: Child

            init() async throws {
                let programs = try Programs.need("containerd", "ctr", "containerd-shim-runc-v2", "runc", "busybox")
                root = try ContainerRoot()
                socket = root("containerd.sock")
                engine = PodEngine(path: socket)
                try root.write(Self.configuration(root), to: "config.toml")
                child = try Child([programs[0], "--config", root("config.toml")])
                var isUp = false
                for _ in 0..<(Machine.scale == 1 ? 600 : 2000) where !isUp {
                    isUp = (try? await engine.version()) == "containerd"
                    if !isUp { try await Task.sleep(for: .milliseconds(100)) }
                }
                guard isUp else {
                    throw Child.Failure(description: "containerd does not answer: \(child.errors.suffix(2000))")
                }
                _ = try Child.check([
                    programs[1], "-a", socket, "-n", "k8s.io", "images", "import", "--snapshotter", "native",
                    try root.imageArchive(ContainerdTests.image),
                ])
            }

            /// A score for the memory killer that is lower than this process' takes a capability that it may lack.
            private static func configuration(_ root: ContainerRoot) -> String {
                """
                version = 2
                root = "\(root("data"))"
                state = "\(root("state"))"
                [grpc]
                address = "\(root("containerd.sock"))"
                [plugins."io.containerd.internal.v1.opt"]
                path = "\(root("opt"))"
                [plugins."io.containerd.grpc.v1.cri"]
                sandbox_image = "\(ContainerdTests.image)"
                disable_apparmor = true
                restrict_oom_score_adj = true
                [plugins."io.containerd.grpc.v1.cri".cni]
                bin_dir = "\(root("cni"))"
                conf_dir = "\(root("cni"))"
                [plugins."io.containerd.grpc.v1.cri".containerd]
                snapshotter = "native"
                """
            }

            func stop() {
                child.signal(SIGTERM)
                _ = try? child.wait(seconds: 30)
                ControlGroups.remove("/k8s.io")
            }
        }

        /// In the group of the kubelet's cgroupfs driver, whose path names no engine, and in containerd's own.
        @Test(arguments: [("/kubepods/besteffort/pod\(uid)", "kubernetes", uid), ("", "containerd", nil)])
        func `The CRI tells name, image, labels and pod`(group: String, runtime: String, uid: String?) async throws {
            let daemon = try await Daemon()
            let top = "/martlet-test-\(getpid())"
            var sandbox: String?
            let pod = PodEngine.Pod(
                name: "web-0",
                namespace: "shop",
                uid: Self.uid,
                group: group.isEmpty ? "" : top + group,
                logs: daemon.root("logs")
            )
            // Once as a user for whom a helper connects.
            let user = uid == nil ? [] : ["--run-as", "1001"]
            let run = try AgentRun("exec,container", ["--container-socket", "containerd=\(daemon.socket)"] + user)
            do {
                let made = try await daemon.engine.run(pod)
                sandbox = made
                let id = try await daemon.engine.start(
                    "web",
                    image: Self.image,
                    ["/bin/sh", "-c", "while :; do /bin/sleep 0.1; done"],
                    labels: ["tier": "front"],
                    in: made,
                    of: pod
                )
                let isNamed = eventually(within: Machine.scale == 1 ? 30 : 200) {
                    let lines = run.child.output.split(separator: "\n")
                    return lines.contains {
                        $0.contains(#""name":"web""#) && $0.contains("process_exec") && $0.contains("/bin/sleep")
                    } && lines.contains { $0.hasPrefix(#"{"container":{"id":"\#(made)""#) }
                }
                #expect(isNamed, "\(run.child.errors)")
                try expect(try run.stop(), id, made, runtime, uid)
            } catch {
                Issue.record(error)
            }
            if let sandbox { try await daemon.engine.remove(sandbox) }
            daemon.stop()
            ControlGroups.remove(top)
        }

        private func expect(
            _ result: AgentRun.Result,
            _ id: String,
            _ sandbox: String,
            _ runtime: String,
            _ uid: String?
        ) throws {
            let answer = try #require(result.events.first { $0.kind == "container" && $0.text("id") == id })
            #expect(answer.text("engine") == "containerd")
            #expect(answer.text("image_id")?.contains("sha256:") == true)
            let own = try #require(result.events.first { $0.kind == "container" && $0.text("id") == sandbox })
            #expect(own.text("pod") == "web-0" && own.text("labels.app") == "shop" && !own.has("name"))
            let exec = try #require(
                result.events.last { $0.kind == "process_exec" && $0.text("process.container.id") == id }
            )
            #expect(exec.text("process.container.runtime") == runtime)
            #expect(exec.text("process.container.name") == "web")
            #expect(exec.text("process.container.image") == Self.image)
            #expect(exec.text("process.container_labels.tier") == "front")
            #expect(exec.text("process.pod.name") == "web-0")
            #expect(exec.text("process.pod.namespace") == "shop")
            #expect(exec.text("process.pod.uid") == uid)
            #expect(exec.text("process.pod.container.name") == "web")
            #expect(exec.text("process.pod.container.image.name") == Self.image)
        }
    }
}

extension ContainerRoot {
    /// All of it as an image of this name, in docker's format, that does nothing for long.
    fileprivate func imageArchive(_ name: String) throws -> String {
        let layer = try archive()
        let sum = try Child.check(["sha256sum", layer]).prefix(64)
        #if arch(arm64)
            let architecture = "arm64"
        #else
            let architecture = "amd64"
        #endif
        try write(
            """
            {"architecture":"\(architecture)","os":"linux","config":{"Cmd":["/bin/sleep","100000"],"Env":["PATH=/bin"]},
            "rootfs":{"type":"layers","diff_ids":["sha256:\(sum)"]}}
            """,
            to: "config.json"
        )
        try write(#"[{"Config":"config.json","RepoTags":["\#(name)"],"Layers":["root.tar"]}]"#, to: "manifest.json")
        let folder = URL(filePath: layer).deletingLastPathComponent().path
        let image = self("image.tar")
        _ = try Child.check(["tar", "-C", folder, "-cf", image, "manifest.json", "config.json", "root.tar"])
        return image
    }
}
