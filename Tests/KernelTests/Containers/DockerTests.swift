import Foundation
import Glibc
import Testing

extension Kernel {
    @Suite struct DockerTests {
        /// A daemon of the test's own, on a socket of its own.
        private final class Daemon {
            let socket: String
            private let root: ContainerRoot
            private let child: Child
            private let client: String

            init() throws {
                try Programs.needNoAppArmor()
                let programs = try Programs.need("dockerd", "docker", "containerd", "runc", "busybox")
                root = try ContainerRoot()
                client = programs[1]
                socket = root("docker.sock")
                child = try Child([
                    programs[0], "--data-root", root("data"), "--exec-root", root("exec"), "-p", root("pid"), "-H",
                    "unix://\(socket)", "--iptables=false", "--ip6tables=false", "--bridge=none",
                    "--storage-driver=vfs", "--default-ulimit", "nofile=1024:1024",
                ])
                let isUp = eventually(within: Machine.scale == 1 ? 60 : 200) { (try? self("version")) != nil }
                guard isUp else {
                    throw Child.Failure(description: "dockerd does not answer: \(child.errors.suffix(2000))")
                }
                _ = try self("import", root.archive(), "martlet-test:1")
            }

            @discardableResult
            func callAsFunction(_ arguments: String...) throws -> String {
                var environment = ProcessInfo.processInfo.environment
                environment["DOCKER_CONFIG"] = root("config")
                return try Child.check([client, "-H", "unix://\(socket)"] + arguments, environment: environment)
            }

            func stop() {
                child.signal(SIGTERM)
                _ = try? child.wait(seconds: 30)
                ControlGroups.remove("/docker")
            }
        }

        @Test func `A process of a millisecond in a container is told with the container`() throws {
            let docker = try Daemon()
            defer { docker.stop() }
            var id = ""
            let result = try AgentRun.around("exec,exit", ["--no-container-names"]) {
                id = try docker("create", "--network", "none", "martlet-test:1", "/bin/true")
                try docker("start", "--attach", id)
            }
            try #require(id.utf8.count == 64)
            let exec = try #require(
                result.events.last { $0.kind == "process_exec" && $0.text("process.container.id") == id }
            )
            #expect(exec.text("process.container.runtime") == "docker")
            #expect(!exec.has("process.container.name"))
            let exit = try #require(result.events("process_exit", pid: pid_t(exec.pid)).last)
            #expect(exit.text("process.docker") == String(id.prefix(31)))
            try docker("rm", id)
        }

        /// As root, and as a user for whom a helper connects.
        @Test(arguments: [[], ["--run-as", "1001"]])
        func `The socket tells name, image and labels, also of what ran before`(options: [String]) throws {
            let docker = try Daemon()
            defer { docker.stop() }
            let id = try docker(
                "run",
                "-d",
                "--name",
                "web",
                "--label",
                "tier=front",
                "--network",
                "none",
                "martlet-test:1",
                "/bin/sleep",
                "1000"
            )
            let run = try AgentRun(
                "exec,container",
                ["--container-socket", "docker=\(docker.socket)", "--container", "web"] + options
            )
            #expect(eventually(within: 60) { run.child.output.contains(#""name":"web""#) }, "\(run.child.errors)")
            try docker("exec", "web", "/bin/true")
            let result = try run.stop()
            try docker("rm", "-f", "web")
            let exec = try #require(result.events.last { $0.kind == "process_exec" })
            #expect(result.events.allSatisfy { $0.kind == "container" || $0.text("process.container.id") == id })
            #expect(exec.text("process.container.name") == "web")
            #expect(exec.text("process.container.image") == "martlet-test:1")
            #expect(exec.text("process.container_labels.tier") == "front")
        }
    }
}
