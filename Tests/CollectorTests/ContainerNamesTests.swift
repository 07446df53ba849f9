import Collector
import Fixtures
import Foundation
import Glibc
import Model
import Synchronization
import Testing

/// Real unix sockets with an engine behind them that does what a test wants.
@Suite(.timeLimit(.minutes(2))) struct ContainerNamesTests {
    private static let id = String(repeating: "2f1c9be01d5a4c8e", count: 4)
    private static let json = #"""
        {"Id":"\#(id)","Name":"/web","Image":"sha256:77","State":{"Pid":1,"x":[1,2,{}]},
        "Config":{"Image":"registry/web:1","Labels":{"io.kubernetes.pod.name":"web-0","tier":"front\n"}}}
        """#

    private let asker = Asker()

    private func container(_ path: String = "/docker/\(id)") throws -> Container { try Asker.container(path) }

    private func names(_ engine: FakeEngine, _ kind: EngineSocket.Engine = .docker, persistence: Double = 0)
        -> ContainerNames
    {
        names(engine.path, kind, persistence: persistence)
    }

    private func names(
        _ path: String,
        _ kind: EngineSocket.Engine = .docker,
        owner: UInt32 = geteuid(),
        persistence: Double = 0
    )
        -> ContainerNames
    {
        asker.names([EngineSocket(kind, path, owner: owner)], persistence: persistence)
    }

    /// Asks and expects no name, a complaint of this kind, and no second one.
    private func expectNoName(_ engine: FakeEngine, complaint: String?) throws {
        let names = names(engine)
        #expect(try asker.ask(names, [container()]).isEmpty)
        #expect(names.counts.failed == 1)
        let lines = asker.lines
        #expect(lines.count == (complaint == nil ? 0 : 1))
        if let complaint { #expect(lines.first?.contains(complaint) == true, "\(lines)") }
    }

    @Test func dockersAnswerIsAContainersRecord() throws {
        let engine = try FakeEngine { _ in .sendAndStay(FakeEngine.answer(Self.json)) }
        let names = names(engine)
        let answer = try #require(try asker.ask(names, [container()]).first)
        #expect(engine.asked == ["GET /containers/\(Self.id)/json HTTP/1.1"])
        #expect(answer.id.text == Self.id)
        #expect(answer.engine.text == "docker")
        #expect(answer.name.text == "web")
        #expect(answer.image.text == "registry/web:1")
        #expect(answer.image_id.text == "sha256:77")
        #expect(answer.pod.text == "web-0")
        #expect(answer.labels.tier.text == "front\n")
        #expect(answer.marks.isAbsent)
        #expect(names.counts.answered == 1)
    }

    @Test(arguments: [1, 7, 4096]) func anAnswerInChunksIsPutTogether(size: Int) throws {
        let engine = try FakeEngine { _ in .sendAndStay(FakeEngine.chunked(Self.json, size: size)) }
        #expect(try asker.ask(names(engine), [container()]).first?.name.text == "web")
    }

    @Test func anAnswerWithoutALengthEndsWithTheConnection() throws {
        let engine = try FakeEngine { _ in .send("HTTP/1.0 200 OK\r\n\r\n\(Self.json)") }
        #expect(try asker.ask(names(engine), [container()]).first?.name.text == "web")
    }

    @Test func podmanTellsItsPod() throws {
        let pod = String(repeating: "ab", count: 32)
        let engine = try FakeEngine { request in
            request.contains("/libpod/pods/\(pod)/json")
                ? .send(FakeEngine.answer(#"{"Id":"\#(pod)","Name":"shop"}"#))
                : .send(
                    FakeEngine.answer(
                        #"{"Id":"\#(Self.id)","Name":"web","ImageName":"img","Pod":"\#(pod)","Config":{"Labels":null}}"#
                    )
                )
        }
        let answer = try #require(
            try asker.ask(names(engine, .podman), [container("/libpod_parent/libpod-\(Self.id)")]).first
        )
        #expect(answer.engine.text == "podman")
        #expect(answer.name.text == "web" && answer.image.text == "img" && answer.pod.text == "shop")
    }

    @Test func aPodsIdThatIsNoneIsNotAskedFor() throws {
        let engine = try FakeEngine { _ in
            .send(FakeEngine.answer(#"{"Id":"\#(Self.id)","Name":"web","Pod":"a/../b HTTP/1.1\r\n"}"#))
        }
        let answer = try #require(
            try asker.ask(names(engine, .podman), [container("/libpod_parent/libpod-\(Self.id)")]).first
        )
        #expect(answer.name.text == "web" && answer.pod.isAbsent)
        #expect(engine.asked.count == 1)
    }

    @Test func anUnknownContainerIsNotAskedForAgain() throws {
        let engine = try FakeEngine { _ in .send(FakeEngine.unknown) }
        let names = names(engine, persistence: 60)
        #expect(try asker.ask(names, [container()]).isEmpty)
        #expect(names.counts.unknown == 1)
        #expect(engine.asked.count == 1)
        #expect(asker.lines.isEmpty)
    }

    @Test func withoutASocketThereIsSilence() throws {
        let names = names("/nowhere/at/all.sock")
        #expect(try asker.ask(names, [container()]).isEmpty)
        #expect(asker.lines.isEmpty)
    }

    @Test func anEngineThatStartsLaterIsAskedAgain() throws {
        let calls = Mutex(0)
        let engine = try FakeEngine { _ in
            calls.withLock { $0 += 1 }
            return calls.withLock { $0 } == 1 ? .send("") : .send(FakeEngine.answer(Self.json))
        }
        #expect(try asker.ask(names(engine, persistence: 60), [container()]).first?.name.text == "web")
    }

    @Test func anEngineThatSaysNothingIsGivenUp() throws {
        try expectNoName(FakeEngine { _ in .sendAndStay("") }, complaint: "no answer in time")
    }

    @Test func anEngineThatDripsIsGivenUp() throws {
        try expectNoName(FakeEngine { _ in .drip(FakeEngine.answer(Self.json)) }, complaint: "no answer in time")
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n", "", "x",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
    ]) func anEngineThatNeverEndsIsGivenUp(head: String) throws {
        let filling = String(repeating: "{\"Id\":", count: 1000)
        let first = Mutex(true)
        let engine = try FakeEngine { _ in
            first.withLock { $0 = false }
            return .sendForEver(head + filling)
        }
        let names = names(engine)
        #expect(try asker.ask(names, [container()]).isEmpty)
        #expect(names.counts.failed == 1)
        #expect(asker.lines.count == 1)
    }

    @Test(arguments: [
        "", "\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 two hundred\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}", "HTTP/1.1 200 OK\r\n\r\nnot JSON",
        "HTTP/1.1 200 OK\r\n\r\n[]",
        "HTTP/1.1 200 OK\r\n\r\n{\"Name\":\"web\"}", "HTTP/1.1 200 OK\r\n\r\n{\"Id\":7}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}{}\r\n",
        "HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "[", count: 100_000),
    ]) func garbageIsNoName(answer: String) throws {
        try expectNoName(FakeEngine { _ in .send(answer) }, complaint: "no answer of a container engine")
    }

    @Test func anAnswerAboutAnotherContainerIsALie() throws {
        let other = Self.json.replacingOccurrences(of: Self.id, with: String(Self.id.reversed()))
        try expectNoName(FakeEngine { _ in .send(FakeEngine.answer(other)) }, complaint: "another container")
    }

    @Test func aHugeAnswerIsNotRead() throws {
        let huge = Self.json.replacingOccurrences(of: "front", with: String(repeating: "x", count: 2 << 20))
        try expectNoName(FakeEngine { _ in .send(FakeEngine.answer(huge)) }, complaint: "larger")
    }

    @Test func anErrorOfTheEngineIsToldOnce() throws {
        let answer = "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"
        try expectNoName(FakeEngine { _ in .send(answer) }, complaint: "status 500")
    }

    @Test func anEngineOfAnotherUserIsNotBelieved() throws {
        let engine = try FakeEngine { _ in .send(FakeEngine.answer(Self.json)) }
        let names = names(engine.path, owner: geteuid() + 1)
        #expect(try asker.ask(names, [container()]).isEmpty)
        #expect(engine.asked.isEmpty)
        #expect(asker.lines.first?.contains("user \(geteuid()) listens there") == true)
    }

    @Test func largeNamesAndLabelsAreCutAndMarked() throws {
        let labels =
            (0..<50).map { #""l\#($0)":"\#(String(repeating: "v", count: 1000))""# } + [
                #""a=b":"c""#, #""n":"\u0000""#,
            ]
        let json =
            #"{"Id":"\#(Self.id)","Name":"/\#(String(repeating: "n", count: 10_000))","Config":{"Labels":{\#(labels.joined(separator: ","))}}}"#
        let engine = try FakeEngine { _ in .send(FakeEngine.answer(json)) }
        let answer = try #require(try asker.ask(names(engine), [container()]).first)
        #expect(answer.name.text?.count == 4096)
        #expect(answer.labels.keys.count == 16)
        #expect(answer.labels["a"].isAbsent && answer.labels["n"].isAbsent)
        #expect(answer.marks.texts == ["labels_truncated"])
    }

    @Test func moreQuestionsThanFitAreDroppedAndCounted() throws {
        let engine = try FakeEngine { _ in .sendAndStay("") }
        let names = names(engine, persistence: 60)
        let many = try (0..<3000).map { number in
            try container("/docker/" + String(repeating: "0", count: 60) + String(1000 + number % 9000))
        }
        let begin = ContinuousClock.now
        names.ask(many)
        #expect(ContinuousClock.now - begin < .seconds(1))
        #expect(names.counts.dropped >= 1900)
        names.close()
    }

    @Test func oneUsersQuestionsLeaveRoomForTheOthers() throws {
        let engine = try FakeEngine { _ in .sendAndStay("") }
        let names = names(engine, persistence: 60)
        let user = "/user.slice/user-4242.slice/user@4242.service/user.slice"
        let many = try (0..<500).map { number in
            try container("\(user)/docker-" + String(repeating: "0", count: 60) + "\(1000 + number).scope")
        }
        names.ask(many)
        let dropped = names.counts.dropped
        // The thread may have taken some already.
        #expect((400...436).contains(dropped), "\(dropped)")
        names.ask([try container()])
        #expect(names.counts.dropped == dropped)
        names.close()
    }

    @Test func answersWakeTheReader() throws {
        let engine = try FakeEngine { _ in .send(FakeEngine.answer(Self.json)) }
        let names = names(engine)
        names.ask([try container()])
        var interest = pollfd(fd: names.descriptor, events: Int16(POLLIN), revents: 0)
        #expect(poll(&interest, 1, 20_000) == 1)
        #expect(names.takeAnswers(at: 1).count == 1)
        #expect(poll(&interest, 1, 0) == 0)
        names.close()
    }

    @Test(arguments: ["/lxc/web", "/default/web"])
    func whatNoEngineKeepsIsNotAskedFor(path: String) throws {
        let engine = try FakeEngine { _ in .send(FakeEngine.answer(Self.json)) }
        let names = names(engine)
        names.ask([try container(path)])
        usleep(50_000)
        #expect(engine.asked.isEmpty)
        names.close()
    }
}
