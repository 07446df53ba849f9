import API
import Fixtures
import Glibc
import Logging
import NIOCore
import Synchronization
import Testing

/// Metrics over real sockets: what is answered, and what does not disturb.
@Suite struct MetricsServerTests {
    private let folder: TemporaryFolder
    private let control = Control()

    init() throws { folder = try TemporaryFolder() }

    private var path: String { folder.path("metrics.sock") }

    /// A server on a unix socket that answers already.
    private func server(_ times: MetricsTimes = MetricsTimes()) throws -> MetricsServer {
        try server(MetricsSockets(path: path), times)
    }

    private func server(_ sockets: MetricsSockets, _ times: MetricsTimes = MetricsTimes()) throws -> MetricsServer {
        let server = try MetricsServer(sockets, control: control, times: times, logger: .silent)
        server.start()
        return server
    }

    private let get = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
    private let last = "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

    @Test func aUnixSocketAnswers() throws {
        let server = try server()
        let answer = try RawClient(path).exchange(last)
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.contains("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"))
        #expect(answer.contains("\nmartlet_build_info{version=\"9.9\"} 1\n"))
        #expect(answer.hasSuffix("\n"))
        server.stop()
        #expect(throws: (any Error).self) { try RawClient(path) }
        #expect(!folder.names.contains("metrics.sock"))
    }

    @Test(arguments: ["127.0.0.1", "::1"]) func aPortOfTheLoopbackAnswersWhenAsked(host: String) throws {
        let address = try #require(LoopbackAddress(host: host, port: 0))
        do {
            let sockets = try MetricsSockets(path: path, address: address)
            let server = try server(sockets)
            let bound = try #require(sockets.address)
            #expect(bound.port > 0)
            #expect(try RawClient(bound).exchange(last).hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(try RawClient(path).exchange(last).hasPrefix("HTTP/1.1 200 OK\r\n"))
            // Another one finds it in its way.
            let failure = #expect(throws: MetricsFailure.self) { _ = try MetricsSockets(path: nil, address: bound) }
            #expect("\(try #require(failure))".hasPrefix("metrics-address: \(bound) is in use: choose another port"))
            server.stop()
        } catch let MetricsFailure.address(_, error)
            where host == "::1" && [EADDRNOTAVAIL, EAFNOSUPPORT].contains(error)
        {
            try Test.cancel("this machine has no ::1")
        }
    }

    @Test func noTwoServersShareASocket() throws {
        let server = try server()
        let failure = #expect(throws: MetricsFailure.self) { _ = try self.server() }
        #expect("\(try #require(failure))".contains("another martlet, pid \(getpid()), listens on \(path)"))
        #expect(try RawClient(path).exchange(last).hasPrefix("HTTP/1.1 200"))
        server.stop()
        try self.server().stop()
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 404 Not Found\r\n"),
        ("GET /metricsx HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 404 Not Found\r\n"),
        ("GET /metrics?x=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK\r\n"),
        ("GET http://a.b/metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK\r\n"),
        ("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK\r\n"),
        ("GET /metrics HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n"),
        ("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", "HTTP/1.1 405 Method Not Allowed\r\n"),
        ("DELETE /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 405 Method Not Allowed\r\n"),
        ("GET /metrics HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffff\r\n", "HTTP/1.1 200 OK\r\n"),
        ("\u{1}\u{2}\u{3}\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n"),
        ("GET /metrics\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n"),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 "),
        ("GET /metrics HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n"),
    ]) func eachRequestGetsItsStatusAndTheEnd(request: String, status: String) throws {
        let server = try server()
        let answer = try RawClient(path).exchange(request)
        #expect(answer.hasPrefix(status), "\(answer.prefix(80))")
        #expect(try RawClient(path).exchange(last).hasPrefix("HTTP/1.1 200"))
        server.stop()
    }

    @Test func aHeadHasTheHeadersOfAGetAndNoBody() throws {
        let server = try server()
        let answer = try RawClient(path).exchange("HEAD /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.contains("\r\nContent-Length: 3\r\n"))
        #expect(answer.hasSuffix("\r\n\r\n"))
        server.stop()
    }

    @Test func aConnectionIsUsedAgainAlsoByWhoDoesNotWait() throws {
        let server = try server()
        let client = try RawClient(path)
        for _ in 0..<3 {
            client.send(get)
            #expect(client.response().hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
        client.send(get + "GET /x HTTP/1.1\r\nHost: x\r\n\r\n" + last)
        let answer = client.rest()
        #expect(answer.components(separatedBy: "HTTP/1.1 200 OK").count == 3)
        #expect(answer.components(separatedBy: "HTTP/1.1 404").count == 2)
        server.stop()
    }

    @Test func whoHasSaidAllAndStillListensIsAnswered() throws {
        let server = try server()
        let client = try RawClient(path)
        client.send(get)
        shutdown(client.descriptor, Int32(SHUT_WR))
        #expect(client.rest().hasPrefix("HTTP/1.1 200 OK\r\n"))
        let half = try RawClient(path)
        half.send("GET /metr")
        shutdown(half.descriptor, Int32(SHUT_WR))
        #expect(!half.rest().hasPrefix("HTTP/1.1 2"))
        server.stop()
    }

    @Test func whoSendsByteByByteIsClosedWhenItsTimeIsOver() throws {
        var times = MetricsTimes()
        times.exchange = .milliseconds(300)
        times.rest = .milliseconds(300)
        let server = try server(times)
        let slow = try RawClient(path)
        let resting = try RawClient(path)
        resting.send(get)
        #expect(resting.response().hasPrefix("HTTP/1.1 200"))
        var sent = 0
        // Writing fails once the other end has closed.
        while sent < 500, slow.send(sent == 0 ? "GET /metrics HTTP/1.1\r\nX: " : "x") {
            sent += 1
            usleep(20_000)
        }
        #expect(sent < 500)
        #expect(resting.rest() == "")
        server.stop()
    }

    @Test func aRequestWithoutEndIsRefused() throws {
        let server = try server()
        let client = try RawClient(path)
        var sent = 0
        while sent < 1000, client.send("X-\(sent): " + String(repeating: "y", count: 1000) + "\r\n") { sent += 1 }
        #expect(sent < 1000)
        let long = try RawClient(path)
        long.send("GET /" + String(repeating: "a", count: 20_000))
        #expect(!long.rest().hasPrefix("HTTP/1.1 2"))
        #expect(try RawClient(path).exchange(last).hasPrefix("HTTP/1.1 200"))
        server.stop()
    }

    @Test func aFloodOfConnectionsIsClosedAndOverWhenItIsOver() throws {
        let server = try server()
        var clients: [RawClient] = []
        for _ in 0..<32 {
            let client = try RawClient(path)
            client.send("GET /metrics HTTP/1.1\r\n")
            clients.append(client)
        }
        // One more is closed, without a word.
        #expect(try RawClient(path).rest() == "")
        clients = []
        var answer = ""
        for _ in 0..<200 where !answer.hasPrefix("HTTP/1.1 200") {
            usleep(10_000)
            answer = try RawClient(path).exchange(last)
        }
        #expect(answer.hasPrefix("HTTP/1.1 200"))
        server.stop()
    }

    @Test func anAgentThatDoesNotAnswerIsToldAndAskedOnce() throws {
        var times = MetricsTimes()
        times.patience = .milliseconds(200)
        let server = try server(times)
        control.isStuck = true
        let clients = try (0..<5).map { _ in try RawClient(path) }
        for client in clients { client.send(last) }
        for client in clients {
            let answer = client.rest()
            #expect(answer.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"), "\(answer.prefix(80))")
            #expect(answer.hasSuffix("the agent does not answer\n"))
        }
        #expect(control.asked == 1)
        control.isStuck = false
        for _ in 0..<100 where control.waiting > 0 { usleep(10_000) }
        #expect(try RawClient(path).exchange(last).hasPrefix("HTTP/1.1 200"))
        server.stop()
    }

    @Test func anAgentThatEndsIsTold() throws {
        let server = try server()
        control.failure = .stopping
        let answer = try RawClient(path).exchange("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 503"))
        #expect(answer.hasSuffix("the agent is ending\n"))
        server.stop()
    }

    @Test func aStopClosesWhoIsConnected() throws {
        let server = try server()
        let client = try RawClient(path)
        client.send(get)
        #expect(client.response().hasPrefix("HTTP/1.1 200"))
        server.stop()
        #expect(client.rest() == "")
        server.stop()
    }

    @Test(arguments: [
        "0.0.0.0:2112", "192.168.1.1:2112", "[::]:2112", "[::ffff:127.0.0.1]:2112", "localhost:2112", "127.0.0.1",
        "127.0.0.1:0",
        "127.0.0.1:65536", "127.0.0.1:+80", ":2112", "128.0.0.1:2112", "127.1:2112", "",
    ]) func whatIsNoLoopbackAddressIsRefused(text: String) {
        #expect(LoopbackAddress(text) == nil)
    }

    @Test(arguments: ["127.0.0.1:2112", "127.8.9.10:1", "[::1]:65535"]) func aLoopbackAddressIsTakenAsItIsWritten(
        text: String
    ) {
        #expect(LoopbackAddress(text)?.description == text)
    }
}
