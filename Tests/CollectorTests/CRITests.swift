import CRI
import Collector
import Fixtures
import Foundation
import GRPCCore
import Glibc
import Model
import Synchronization
import Testing

/// Engines that speak the Kubernetes CRI, over real unix sockets.
@Suite(.timeLimit(.minutes(2))) struct CRITests {
    private static let id = String(repeating: "2f1c9be01d5a4c8e", count: 4)
    private static let sandboxID = String(repeating: "5a4c8e2f1c9be01d", count: 4)
    private static let pod = "8f0d4a1e-5f2b-4c3d-9e8f-7a6b5c4d3e2f"
    private static let slice = pod.replacingOccurrences(of: "-", with: "_")
    private static let scope = "/kubepods.slice/kubepods-pod\(slice).slice/cri-containerd-\(id).scope"

    private let asker = Asker()

    /// What a good engine answers to each call.
    private static func good(
        _ method: String,
        status: (inout Runtime_V1_ContainerStatus) -> Void = { _ in },
        sandbox: (inout Runtime_V1_PodSandboxStatus) -> Void = { _ in },
        container: (inout Runtime_V1_Container) -> Void = { _ in }
    ) throws -> [UInt8] {
        switch method {
        case "ContainerStatus":
            var message = Runtime_V1_ContainerStatus()
            message.id = id
            message.metadata.name = "web"
            message.image.image = "registry/web:1"
            message.imageRef = "sha256:77"
            message.labels = ["tier": "front", "io.kubernetes.pod.name": "label"]
            status(&message)
            return try Runtime_V1_ContainerStatusResponse.with { $0.status = message }.serializedBytes()
        case "ListContainers":
            var message = Runtime_V1_Container()
            message.id = id
            message.podSandboxID = sandboxID
            container(&message)
            return try Runtime_V1_ListContainersResponse.with { $0.containers = [message] }.serializedBytes()
        default:
            var message = Runtime_V1_PodSandboxStatus()
            message.id = sandboxID
            message.metadata.name = "web-0"
            message.metadata.namespace = "shop"
            message.labels = ["app": "shop"]
            sandbox(&message)
            return try Runtime_V1_PodSandboxStatusResponse.with { $0.status = message }.serializedBytes()
        }
    }

    private func engine(_ answer: @escaping @Sendable (String) throws -> [UInt8]) throws -> FakeCRI {
        try FakeCRI { method, _ in (try? answer(method)).map { .answer($0) } ?? .fail(.internalError) }
    }

    /// Asks and expects no name, and a complaint of this kind.
    private func expectNoName(_ path: String, complaint: String, owner: UInt32 = geteuid()) throws {
        let names = asker.names([EngineSocket(.containerd, path, owner: owner)])
        #expect(try asker.ask(names, [Asker.container(Self.scope)]).isEmpty)
        #expect(names.counts.failed == 1)
        let lines = asker.lines
        #expect(lines.count == 1 && lines.first?.contains(complaint) == true, "\(lines)")
    }

    @Test(arguments: [
        (EngineSocket.Engine.containerd, scope), (.containerd, "/k8s.io/\(id)"),
        (.containerd, "/kubepods/pod\(pod)/\(id)"),
        (.crio, "/kubepods/pod\(pod)/crio-\(id)"), (.crio, "/kubepods/burstable/pod\(pod)/\(id)"),
    ]) func theAnswerNamesContainerImageAndPod(kind: EngineSocket.Engine, path: String) throws {
        let engine = try engine { try Self.good($0) }
        let names = asker.names([EngineSocket(kind, engine.path, owner: geteuid())])
        let answer = try #require(try asker.ask(names, [Asker.container(path)]).first)
        #expect(engine.asked == ["ContainerStatus", "ListContainers", "PodSandboxStatus"])
        #expect(answer.id.text == Self.id)
        #expect(answer.engine.text == kind.name)
        #expect(answer.name.text == "web" && answer.pod_container.text == "web")
        #expect(answer.image.text == "registry/web:1" && answer.image_id.text == "sha256:77")
        #expect(answer.pod.text == "web-0" && answer.pod_namespace.text == "shop")
        #expect(answer.labels.tier.text == "front")
        #expect(names.counts.answered == 1)
    }

    @Test func theImageIsAsTheUserNamedItWhereTheEngineKnows() throws {
        let engine = try engine { method in
            try Self.good(method, status: { $0.image.userSpecifiedImage = "web:latest" })
        }
        let names = asker.names([EngineSocket(.crio, engine.path, owner: geteuid())])
        let answer = try #require(try asker.ask(names, [Asker.container("/kubepods/pod/crio-\(Self.id)")]).first)
        #expect(answer.image.text == "web:latest")
    }

    @Test func aPodsSandboxIsToldWithItsPod() throws {
        let engine = try FakeCRI { method, _ in
            method == "ContainerStatus"
                ? .fail(.notFound) : .answer((try? Self.good(method, sandbox: { $0.id = Self.id })) ?? [])
        }
        let names = asker.names([EngineSocket(.containerd, engine.path, owner: geteuid())])
        let answer = try #require(try asker.ask(names, [Asker.container(Self.scope)]).first)
        #expect(answer.pod.text == "web-0" && answer.pod_namespace.text == "shop")
        #expect(answer.name.isAbsent && answer.labels.app.text == "shop")
    }

    @Test func aPodThatIsGoneIsToldByTheLabelsOfTheKubelet() throws {
        let engine = try FakeCRI { method, _ in
            method == "PodSandboxStatus" ? .fail(.notFound) : .answer((try? Self.good(method)) ?? [])
        }
        let names = asker.names([EngineSocket(.containerd, engine.path, owner: geteuid())])
        let answer = try #require(try asker.ask(names, [Asker.container(Self.scope)]).first)
        #expect(answer.name.text == "web" && answer.pod.text == "label")
    }

    @Test func aSandboxThatBecomesKnownLaterIsAskedForAgain() throws {
        let questions = Mutex(0)
        let engine = try FakeCRI { method, _ in
            let number = questions.withLock { count in
                if method == "ContainerStatus" { count += 1 }
                return count
            }
            return number < 3 ? .fail(.notFound) : .answer((try? Self.good(method)) ?? [])
        }
        let names = asker.names([EngineSocket(.containerd, engine.path, owner: geteuid())], persistence: 60)
        let answer = try #require(try asker.ask(names, [Asker.container(Self.scope)]).first)
        #expect(answer.name.text == "web")
        #expect(names.counts.answered == 1 && names.counts.unknown == 0)
    }

    @Test func anUnknownContainerIsNotAskedForForEver() throws {
        let engine = try FakeCRI { _, _ in .fail(.notFound) }
        let names = asker.names([EngineSocket(.containerd, engine.path, owner: geteuid())])
        #expect(try asker.ask(names, [Asker.container(Self.scope)]).isEmpty)
        #expect(names.counts.unknown == 1)
        #expect(engine.asked == ["ContainerStatus", "PodSandboxStatus"])
        #expect(asker.lines.isEmpty)
    }

    /// The cgroupfs driver's path names no engine: each that is there is asked, and what is not there is not waited for.
    @Test func aPodOfAnUnnamedEngineIsAskedForEverywhere() throws {
        let containerd = try FakeCRI { _, _ in .fail(.notFound) }
        let crio = try engine { try Self.good($0) }
        let docker = try FakeEngine { _ in .send(FakeEngine.unknown) }
        let path = "/kubepods/besteffort/pod\(Self.pod)/\(Self.id)"
        let sockets = [
            EngineSocket(.containerd, "/nowhere/containerd.sock", owner: geteuid()),
            EngineSocket(.containerd, containerd.path, owner: geteuid()),
            EngineSocket(.docker, docker.path, owner: geteuid()),
        ]
        let found = asker.names(sockets + [EngineSocket(.crio, crio.path, owner: geteuid())])
        #expect(try asker.ask(found, [Asker.container(path)]).first?.engine.text == "cri-o")
        let lost = asker.names(sockets + [EngineSocket(.crio, "/nowhere/crio.sock", owner: geteuid())])
        #expect(try asker.ask(lost, [Asker.container(path)]).isEmpty)
        #expect(lost.counts.unknown == 1 && docker.asked.count == 1 && containerd.asked.count == 4)
        #expect(asker.lines.isEmpty)
    }

    @Test func withoutASocketThereIsSilence() throws {
        let names = asker.names([EngineSocket(.containerd, "/nowhere/at/all.sock", owner: geteuid())])
        #expect(try asker.ask(names, [Asker.container(Self.scope)]).isEmpty)
        #expect(asker.lines.isEmpty)
    }

    @Test func anEngineWithoutTheCRIIsToldOnce() throws {
        let engine = try FakeCRI({ _, _ in .stay }, methods: ["Version"])
        try expectNoName(engine.path, complaint: "does not speak the Kubernetes CRI")
    }

    @Test func anErrorOfTheEngineIsToldInOurWords() throws {
        let engine = try FakeCRI { _, _ in .fail(.unknown) }
        try expectNoName(engine.path, complaint: "gRPC ends with unknown")
        #expect(asker.lines.allSatisfy { !$0.contains("such thing") })
    }

    @Test func anEngineThatSaysNothingIsGivenUp() throws {
        let engine = try FakeCRI { _, _ in .stay }
        let begin = ContinuousClock.now
        try expectNoName(engine.path, complaint: "no answer in time")
        #expect(ContinuousClock.now - begin < .seconds(10))
    }

    @Test func anEngineThatSpeaksNoHTTP2IsGivenUp() throws {
        let engine = try FakeEngine { _ in .sendAndStay("") }
        try expectNoName(engine.path, complaint: "no answer in time")
    }

    @Test func anEngineThatDripsIsGivenUp() throws {
        let engine = try FakeEngine { _ in .drip(String(repeating: "\0", count: 2000)) }
        try expectNoName(engine.path, complaint: "containers may stay without names")
    }

    @Test(arguments: ["", "HTTP/1.1 400 Bad Request\r\n\r\n", String(repeating: "x", count: 4000)])
    func garbageIsNoName(answer: String) throws {
        let engine = try FakeEngine { _ in .send(answer) }
        try expectNoName(engine.path, complaint: "no answer of a container engine")
    }

    @Test func anEngineThatNeverEndsIsGivenUp() throws {
        let engine = try FakeEngine { _ in .sendForEver(String(repeating: "x", count: 10_000)) }
        try expectNoName(engine.path, complaint: "containers may stay without names")
    }

    @Test(arguments: ["ContainerStatus", "ListContainers", "PodSandboxStatus"])
    func aMessageThatIsNoneIsNoName(method: String) throws {
        let engine = try engine { $0 == method ? [0xff, 0xff, 0x01] : try Self.good($0) }
        try expectNoName(engine.path, complaint: "its message is not that of a container")
    }

    @Test func anAnswerAboutAnotherContainerIsALie() throws {
        let engine = try engine { try Self.good($0, status: { $0.id = Self.sandboxID }) }
        try expectNoName(engine.path, complaint: "another container")
    }

    @Test func anAnswerAboutNoContainerIsALie() throws {
        let engine = try engine { _ in [] }
        try expectNoName(engine.path, complaint: "another container")
    }

    @Test func aListOfOthersIsALie() throws {
        let engine = try engine { try Self.good($0, container: { $0.id = Self.sandboxID }) }
        try expectNoName(engine.path, complaint: "another container")
    }

    @Test func anotherPodThanWasAskedForIsALie() throws {
        let engine = try engine { try Self.good($0, sandbox: { $0.id = Self.id }) }
        try expectNoName(engine.path, complaint: "another container")
    }

    @Test func aHugeAnswerIsNotRead() throws {
        let engine = try engine {
            try Self.good($0, status: { $0.labels["long"] = String(repeating: "x", count: 2 << 20) })
        }
        try expectNoName(engine.path, complaint: "larger")
    }

    @Test func anEngineOfAnotherUserIsNotBelieved() throws {
        let engine = try engine { try Self.good($0) }
        try expectNoName(
            engine.path,
            complaint: "user \(geteuid()) listens there",
            owner: geteuid() + 1
        )
        #expect(engine.asked.isEmpty)
    }

    /// A conversation has an event loop, which ends with it.
    @Test func nothingIsLeftOfAConversation() throws {
        let engine = try engine { try Self.good($0) }
        let names = asker.names([EngineSocket(.containerd, engine.path, owner: geteuid())])
        defer { names.close() }
        for count in 1...200 {
            names.ask([try Asker.container(Self.scope)])
            let before = ContinuousClock.now
            while names.counts.answered < count, ContinuousClock.now - before < .seconds(20) { usleep(1000) }
        }
        #expect(names.counts.answered == 200)
        // An event loop closes its descriptors a moment after it has ended; other tests have some as well.
        usleep(200_000)
        let loops = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").filter { descriptor in
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")
            return target == "anon_inode:[eventpoll]"
        }
        #expect(loops.count < 40, "\(loops.count) event loops")
        let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
        #expect(threads < 150, "\(threads) threads")
    }

    @Test func whatAnotherKindOfEngineKeepsIsNotAskedFor() throws {
        let engine = try engine { try Self.good($0) }
        let names = asker.names([EngineSocket(.containerd, engine.path, owner: geteuid())])
        defer { names.close() }
        names.ask([try Asker.container("/docker/\(Self.id)"), try Asker.container("/kubepods/pod/crio-\(Self.id)")])
        usleep(50_000)
        #expect(engine.asked.isEmpty)
    }
}
