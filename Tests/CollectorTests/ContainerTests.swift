import Fixtures
import Model
import Testing

/// Which container a process is in, and what its engine says later.
@Suite struct ContainerTests {
    private static let id = String(repeating: "2f1c9be01d5a4c8e", count: 4)
    private static let engine = Who(30, start: 3000)
    private static let shell = Who(40, start: 4000)
    private static let child = Who(41, start: 5000)

    private func exec(
        _ who: Who,
        at time: UInt64,
        in cgroup: String?,
        of parent: Who = engine,
        marks: UInt32 = 0
    ) -> [UInt8] {
        Records.exec(who, of: parent, at: time) {
            $0.body.cgroup = $0.text(cgroup)
            $0.body.marks = marks
            $0.header.execs = UInt16(time / 1000)
        }
    }

    @Test func anExecTellsContainerPodAndEngine() throws {
        let uid = "8f0d4a1e_5f2b_4c3d_9e8f_7a6b5c4d3e2f"
        let path = "/kubepods.slice/kubepods-pod\(uid).slice/cri-containerd-\(Self.id).scope"
        let process = try #require(try Pipeline().json([exec(Self.shell, at: 5000, in: path)]).first).process_exec
            .process
        #expect(process.docker.text == String(Self.id.prefix(31)))
        #expect(process.container.id.text == Self.id)
        #expect(process.container.runtime.text == "containerd")
        #expect(process.pod.uid.text == "8f0d4a1e-5f2b-4c3d-9e8f-7a6b5c4d3e2f")
        #expect(process.pod.container.id.text == "containerd://\(Self.id)")
        #expect(process.container.name.isAbsent && process.unit.isAbsent)
    }

    @Test func aProcessOutsideTellsItsUnit() throws {
        let line = try #require(
            try Pipeline().json([exec(Self.shell, at: 5000, in: "/system.slice/docker.service")]).first
        )
        let process = line.process_exec.process
        #expect(process.unit.text == "docker.service")
        for key in ["container", "docker", "pod", "container_labels"] { #expect(process[key].isAbsent, "\(key)") }
    }

    /// The runtime forks, joins the group, and executes: what counts is where it was when it executed.
    @Test func aForkIsWhereItsParentWasAndAnExecWhereItIs() throws {
        let lines = try Pipeline().json([
            exec(Self.shell, at: 5000, in: "/system.slice/docker.service"),
            Records.fork(Self.child, of: Self.shell, at: 5500),
            exec(Self.child, at: 6000, in: "/docker/\(Self.id)", of: Self.shell),
        ])
        #expect(lines[1].process_fork.process.unit.isAbsent == lines[1].process_fork.process.cwd.isAbsent)
        #expect(lines[2].process_exec.process.container.id.text == Self.id)
        #expect(lines[2].process_exec.process.unit.isAbsent)
    }

    @Test func anEndedProcessIsStillInItsContainer() throws {
        let lines = try Pipeline().json([
            exec(Self.shell, at: 5000, in: "/docker/\(Self.id)"),
            Records.exit(Self.shell, at: 5001).settingExecs(5),
        ])
        #expect(lines[1].process_exit.process.container.id.text == Self.id)
    }

    @Test func anEnginesAnswerNamesWhatRunsAlreadyAndWhatComes() throws {
        let pipeline = Pipeline()
        let lines = try pipeline.json([
            exec(Self.shell, at: 5000, in: "/docker/\(Self.id)"),
            Records.container(Self.id, at: 5100) {
                $0.body.pod = $0.text("web-0")
                $0.body.pod_namespace = $0.text("shop")
                $0.body.pod_container = $0.text("nginx")
                $0.body.image_id = $0.text("sha256:77")
            },
            Records.open(Self.shell, at: 5200) { $0.header.execs = 5 },
            exec(Self.child, at: 6000, in: "/docker/\(Self.id)", of: Self.shell),
        ])
        #expect(lines[0].process_exec.process.container.name.isAbsent)
        #expect(lines[1].container.name.text == "web")
        #expect(lines[1].container.engine.text == "docker")
        #expect(lines[1].container.labels.tier.text == "front")
        for process in [lines[2].process_file.process, lines[3].process_exec.process, lines[3].process_exec.parent] {
            #expect(process.container.name.text == "web")
            #expect(process.container.image.text == "registry/web:1")
            #expect(process.pod.name.text == "web-0")
            #expect(process.pod.namespace.text == "shop")
            #expect(process.pod.container.name.text == "nginx")
            #expect(process.pod.container.id.text == "docker://\(Self.id)")
            #expect(process.pod.container.image["name"].text == "registry/web:1")
            #expect(process.pod.container.image.id.text == "sha256:77")
        }
        #expect(lines[3].process_exec.process.container_labels.tier.text == "front")
        #expect(lines[2].process_file.process.exec_id.text == lines[0].process_exec.process.exec_id.text)
    }

    @Test(arguments: [
        ("/libpod_parent/libpod-\(id)", UInt32(1), UInt32(0)), ("/docker/\(id)", 2, 0), ("/docker/\(id)", 9, 0),
        ("/docker/\(id)", 1, 1000), ("/user.slice/user-1000.slice/libpod-\(id).scope", 2, 0),
    ]) func anAnswerOfAnotherEngineOrUserNamesNothing(path: String, engine: UInt32, user: UInt32) throws {
        let lines = try Pipeline().json([
            exec(Self.shell, at: 5000, in: path),
            Records.container(Self.id, at: 5100) {
                $0.body.engine = engine
                $0.body.user = user
            },
            Records.open(Self.shell, at: 5200) { $0.header.execs = 5 },
        ])
        #expect(lines[2].process_file.process.container.id.text == Self.id)
        #expect(lines[2].process_file.process.container.name.isAbsent)
    }

    @Test func aUsersEngineNamesThatUsersContainers() throws {
        let lines = try Pipeline().json([
            exec(Self.shell, at: 5000, in: "/user.slice/user-1000.slice/user@1000.service/libpod-\(Self.id).scope"),
            Records.container(Self.id, at: 5100) {
                $0.body.engine = 2
                $0.body.user = 1000
            },
            Records.open(Self.shell, at: 5200) { $0.header.execs = 5 },
        ])
        #expect(lines[2].process_file.process.container.name.text == "web")
    }

    @Test func anAnswerAboutNoOneIsAnEventAndNothingElse() throws {
        let lines = try Pipeline().json([Records.container(Self.id, at: 5100), Records.container("", at: 5200)])
        #expect(lines.map(\.container.name.text) == ["web", "web"])
    }

    @Test func whatANameHoldsIsEscaped() throws {
        let lines = try Pipeline().json([
            exec(Self.shell, at: 5000, in: "/docker/\(Self.id)"),
            Records.container(Self.id, at: 5100, name: "a\"\n\u{1b}", labels: ["k\"=v\n", "none", "=", "a=b=c"]),
            Records.open(Self.shell, at: 5200) { $0.header.execs = 5 },
        ])
        #expect(lines[2].process_file.process.container.name.text == "a\"\n\u{1b}")
        #expect(lines[1].container.labels["k\""].text == "v\n")
        #expect(lines[1].container.labels["none"].text == "")
        #expect(lines[1].container.labels["a"].text == "b=c")
    }

    @Test func compactLinesNameTheContainer() {
        let lines = Pipeline().compact([
            exec(Self.shell, at: 5000, in: "/docker/\(Self.id)"), Records.container(Self.id, at: 5100),
            Records.open(Self.shell, at: 5200) { $0.header.execs = 5 },
        ])
        #expect(lines[0].contains(" 40 docker:\(Self.id.prefix(12)) /usr/bin/true"))
        #expect(lines[2].contains(" 40 docker:web /usr/bin/true"))
    }

    @Test func aRecordingWithAnswersIsReplayedToTheByte() throws {
        let folder = try TemporaryFolder()
        let batches = [
            [exec(Self.shell, at: 5000, in: "/docker/\(Self.id)")], [Records.container(Self.id, at: 5100)],
            [exec(Self.child, at: 6000, in: "/docker/\(Self.id)", of: Self.shell)],
        ]
        let live = try Recordings.write(batches, to: folder.path("run"))
        let replay = Recordings.replay(folder.path("run"))
        #expect(replay.json == live.json && replay.compact == live.compact)
        #expect(String(decoding: replay.json, as: UTF8.self).contains(#""name":"web""#))
    }

    /// Containers whose processes have gone are forgotten, those with processes are not.
    @Test func manyContainersDoNotStay() throws {
        let pipeline = Pipeline()
        _ = pipeline.batch([exec(Self.shell, at: 5000, in: "/docker/\(Self.id)")])
        for number in 0..<5000 {
            let who = Who(100, start: UInt64(10_000 + number))
            let path = "/lxc.payload.c\(number)"
            _ = pipeline.batch([exec(who, at: UInt64(10_000 + number), in: path)])
        }
        let lines = try pipeline.json([
            Records.container(Self.id, at: 20_000), Records.open(Self.shell, at: 20_001) { $0.header.execs = 5 },
        ])
        #expect(lines[1].process_file.process.container.name.text == "web")
        #expect(pipeline.containerCount <= 1026)
    }
}
