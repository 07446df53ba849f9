import Foundation
import Glibc
import Testing

extension Kernel {
    @Suite struct PodmanTests {
        private let podman: [String]
        private let root: ContainerRoot

        init() throws {
            root = try ContainerRoot()
            podman = try Podman.command(in: root)
            _ = try Child.check(podman + ["import", root.archive(), "martlet-test:1"])
        }

        private func tidy() {
            _ = try? Child.check(podman + ["rm", "-f", "-a", "-t", "0"])
            _ = try? Child.check(podman + ["pod", "rm", "-f", "-a"])
            ControlGroups.remove("/libpod_parent")
        }

        @Test func `A process of a millisecond in a container is told with the container`() throws {
            defer { tidy() }
            var id = ""
            let result = try AgentRun.around("exec,exit", ["--no-container-names"]) {
                id = try Child.check(podman + ["create"] + Podman.limits + ["martlet-test:1", "/bin/true"])
                _ = try Child.check(podman + ["start", "--attach", id])
            }
            try #require(id.utf8.count == 64)
            let exec = try #require(
                result.events.last { $0.kind == "process_exec" && $0.text("process.container.id") == id }
            )
            #expect(exec.text("process.container.runtime") == "podman")
            let exit = try #require(result.events("process_exit", pid: pid_t(exec.pid)).last)
            #expect(exit.text("process.container.id") == id)
            // what watches the container is not in it
            let watchers = result.events.filter { $0.text("process.binary")?.hasSuffix("/conmon") == true }
            #expect(!watchers.isEmpty && watchers.allSatisfy { !$0.has("process.container") })
        }

        /// As root, and as a user for whom a helper connects.
        @Test(arguments: [[], ["--run-as", "1001"]])
        func `The socket tells name, image, labels and pod`(options: [String]) throws {
            let socket = root("podman.sock")
            let service = try Child(podman + ["system", "service", "--time", "0", "unix://\(socket)"])
            defer {
                tidy()
                service.signal(SIGTERM)
                _ = try? service.wait(seconds: 10)
            }
            try #require(eventually(within: 60) { access(socket, F_OK) == 0 }, "\(service.errors)")
            _ = try Child.check(podman + ["pod", "create", "--name", "shop", "--infra=false"])
            let run = try AgentRun("exec,container", ["--container-socket", "podman=\(socket)"] + options)
            let id = try Child.check(
                podman + ["run", "-d", "--name", "web", "--pod", "shop", "--label", "tier=front"] + Podman.limits
                    + ["martlet-test:1", "/bin/sleep", "1000"]
            )
            #expect(eventually(within: 60) { run.child.output.contains(#""name":"web""#) }, "\(run.child.errors)")
            _ = try Child.check(podman + ["exec", "web", "/bin/true"])
            let result = try run.stop()
            let answer = try #require(result.events.first { $0.kind == "container" && $0.text("id") == id })
            #expect(answer.text("engine") == "podman" && answer.text("pod") == "shop")
            let exec = try #require(
                result.events.last { $0.kind == "process_exec" && $0.text("process.container.id") == id }
            )
            #expect(exec.text("process.container.name") == "web")
            #expect(exec.text("process.container.image")?.contains("martlet-test:1") == true)
            #expect(exec.text("process.container_labels.tier") == "front")
            #expect(exec.text("process.pod.name") == "shop")
        }
    }
}
