import API
import Collector
import Fixtures
import Foundation
import Glibc
import Logging
import MartletV1
import Testing

/// The port for other machines: who has a certificate of the authority may read, and nobody else gets that far.
@Suite(.timeLimit(.minutes(1))) struct TLSTests {
    private struct Agent: AgentControl {
        func status() async throws -> AgentStatus {
            var status = AgentStatus()
            status.version = "1.2.3"
            return status
        }

        func reload() async -> ReloadOutcome { ReloadOutcome() }
    }

    /// An authority with a server's and a client's certificate, and another authority with a client's: made by openssl.
    private static let folder: Result<TemporaryFolder, any Error> = Result {
        let folder = try TemporaryFolder()
        let script = """
            set -e; cd "$0"
            authority() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout $1.key -out $1.pem -subj "/CN=$1" 2> /dev/null; }
            certificate() {
                openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $2.key -out $2.csr -subj "/CN=$2" 2> /dev/null
                printf "subjectAltName=$3\\n" > $2.ext
                openssl x509 -req -in $2.csr -CA $1.pem -CAkey $1.key -CAcreateserial -days 2 -out $2.pem -extfile $2.ext 2> /dev/null
            }
            authority ours; authority theirs
            certificate ours server "IP:127.0.0.1,DNS:web-1"; certificate ours elsewhere "DNS:web-2"
            certificate ours client "DNS:client"; certificate theirs stranger "DNS:client"
            """
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-c", script, folder.path("")]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw TLSTestFailure() }
        return folder
    }

    private struct TLSTestFailure: Error {}

    private let folder: TemporaryFolder
    private let feed = EventFeed(node: "node-1")

    init() throws { folder = try Self.folder.get() }

    private func files(_ name: String, authority: String = "ours") -> TLSFiles {
        TLSFiles(
            certificate: folder.path("\(name).pem"),
            key: folder.path("\(name).key"),
            authority: folder.path("\(authority).pem")
        )
    }

    /// A server, and its port.
    private func serve(_ name: String = "server") throws -> TCPAddress {
        let listener = try TLSListener(try #require(TCPAddress("127.0.0.1:0")), files(name))
        let service = ControlServer.Service(
            access: Access(owner: geteuid()),
            control: Agent(),
            feed: feed,
            node: "node-1",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try ControlServer(listener, service).start()
        return try #require(TCPAddress("127.0.0.1:\(listener.port)"))
    }

    private func version(_ address: TCPAddress, _ files: TLSFiles, name: String? = nil) throws -> String {
        try ControlClient(.machine(address, files, name: name)).call { try await $0.getStatus(.init()).version }
    }

    @Test func whoHasACertificateOfTheAuthorityMayRead() throws {
        let address = try serve()
        #expect(try version(address, files("client")) == "1.2.3")
        #expect(try version(address, files("client"), name: "web-1") == "1.2.3")
        let feed = feed
        let batch = Pipeline().batch([Records.open(Who(40, start: 4000), at: 9000)])
        let count = try ControlClient(.machine(address, files("client"), name: nil)).call { agent in
            try await agent.streamEvents(.init()) { response in
                for try await message in response.messages {
                    if case .started = message.content { feed.offer(batch) }
                    if case .batch(let batch) = message.content { return batch.count }
                }
                return 0
            }
        }
        #expect(count == 1)
    }

    @Test func nobodyChangesAnythingFromAnotherMachine() throws {
        let address = try serve()
        let failure = #expect(throws: ControlClientFailure.self) {
            try ControlClient(.machine(address, files("client"), name: nil)).call { try await $0.reload(.init()) }
        }
        #expect("\(failure!)" == "nothing can be changed from another machine")
    }

    @Test func aCertificateOfAnotherAuthorityDoesNotComeIn() throws {
        let address = try serve()
        #expect(throws: ControlClientFailure.self) { try version(address, files("stranger")) }
        #expect(try version(address, files("client")) == "1.2.3")
    }

    @Test func whoShowsNoCertificateDoesNotComeIn() throws {
        let address = try serve()
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = [
            "-c",
            "sleep 1 | openssl s_client -connect \(address) -alpn h2 -CAfile \(folder.path("ours.pem")) 2>&1 | grep -q 'alert'",
        ]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    @Test func aServerThatIsNotTheOneAskedForIsNotTalkedTo() throws {
        let address = try serve("elsewhere")
        #expect(throws: ControlClientFailure.self) { try version(address, files("client")) }
        #expect(try version(address, files("client"), name: "web-2") == "1.2.3")
    }

    @Test func plainTextAndGarbageDisturbNobody() throws {
        let address = try serve()
        let port = try #require(UInt16("\(address)".split(separator: ":")[1]))
        for bytes in [
            Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8), (0..<5000).map { _ in UInt8.random(in: 0...255) },
        ] {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var target = sockaddr_in()
            target.sin_family = sa_family_t(AF_INET)
            target.sin_port = port.bigEndian
            target.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            let connected = withUnsafePointer(to: &target) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            #expect(connected == 0)
            _ = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            close(descriptor)
            #expect(try version(address, files("client")) == "1.2.3")
        }
    }

    @Test(arguments: [
        ("no.pem", "client.key", "ours.pem", "tls-certificate: "), ("client.pem", "no.key", "ours.pem", "tls-key: "),
        ("client.pem", "client.key", "no.pem", "tls-authority: "),
        ("client.pem", "server.key", "ours.pem", "tls-key: "),
    ])
    func aFileThatIsWrongIsToldByItsKey(certificate: String, key: String, authority: String, start: String) throws {
        let files = TLSFiles(
            certificate: folder.path(certificate),
            key: folder.path(key),
            authority: folder.path(authority)
        )
        let failure = #expect(throws: TLSFailure.self) {
            _ = try TLSListener(try #require(TCPAddress("127.0.0.1:0")), files)
        }
        #expect("\(failure!)".hasPrefix(start), "\(failure!)")
    }

    @Test(arguments: [
        ("127.0.0.1:4711", true), ("[::1]:4711", true), ("0.0.0.0:1", true), ("localhost:4711", false),
        ("127.0.0.1", false), ("::1:4711", false), ("127.0.0.1:65536", false), ("127.0.0.1:", false), ("", false),
    ])
    func anAddressIsNumbers(text: String, isOne: Bool) { #expect((TCPAddress(text) != nil) == isOne) }
}
