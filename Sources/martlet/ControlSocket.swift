import API
import Agent
import ArgumentParser
import GRPCCore
import Glibc

/// Where a daemon is asked.
struct ControlSocket: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The control socket, where it is not as configured; or MARTLET_SOCKET.",
            valueName: "path"
        ),
        completion: .file()
    )
    var socket: String?

    /// Asks, or ends the command with what is in the way.
    func call<Answer: Sendable>(
        _ body: @escaping @Sendable (ControlClient.Service) async throws -> Answer
    ) throws -> Answer { try Self.call(.socket(path), body) }

    var path: String {
        let variable = getenv("MARTLET_SOCKET").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
        return socket ?? variable ?? Self.configured ?? ControlOptions.standardSocket
    }

    /// What the configuration says, as far as whoever asks may read it.
    private static var configured: String? {
        let configuration = try? Configuration(ConfigurationFiles(), environment: [:])
        return configuration?.settings["socket"]?.texts.first?.text
    }

    static func call<Answer: Sendable>(
        _ place: ControlClient.Place,
        _ body: @escaping @Sendable (ControlClient.Service) async throws -> Answer
    ) throws -> Answer {
        do {
            return try ControlClient(place).call(body)
        } catch {
            Console.writeError("martlet: \(error)")
            throw ExitStatus.of(error)
        }
    }
}

/// Where a daemon is asked for what can also be asked from another machine.
struct ControlPlace: ParsableArguments {
    @OptionGroup var control: ControlSocket

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A daemon on another machine, by its listen-address: 192.0.2.1:4711. Needs the three --tls options.",
            valueName: "address:port"
        )
    )
    var server: TCPAddress?

    @Option(
        name: .long,
        help: ArgumentHelp("The name in the server's certificate, where it is not its address.", valueName: "name")
    )
    var serverName: String?

    @Option(name: .long, help: ArgumentHelp("PEM file of our certificate.", valueName: "file"), completion: .file())
    var tlsCertificate: String?

    @Option(name: .long, help: ArgumentHelp("PEM file of its key.", valueName: "file"), completion: .file())
    var tlsKey: String?

    @Option(
        name: .long,
        help: ArgumentHelp("PEM file of the authority that the server's certificate is of.", valueName: "file"),
        completion: .file()
    )
    var tlsAuthority: String?

    /// How long an answer may take.
    static var deadline: CallOptions {
        var options = CallOptions.defaults
        options.timeout = .seconds(10)
        return options
    }

    /// How long it may take to load or unload policies: the verifier is not quick.
    static var loading: CallOptions {
        var options = CallOptions.defaults
        options.timeout = .seconds(120)
        return options
    }

    func validate() throws {
        let files = [tlsCertificate, tlsKey, tlsAuthority].compactMap { $0 }
        if server != nil, files.count < 3 {
            throw ValidationError("--server needs --tls-certificate, --tls-key and --tls-authority.")
        }
        if server == nil, !files.isEmpty || serverName != nil {
            throw ValidationError("The --tls options and --server-name are for --server.")
        }
        if server != nil, control.socket != nil { throw ValidationError("Choose one of --server and --socket.") }
    }

    /// Asks, or ends the command with what is in the way.
    func call<Answer: Sendable>(
        _ body: @escaping @Sendable (ControlClient.Service) async throws -> Answer
    ) throws -> Answer {
        guard let server, let tlsCertificate, let tlsKey, let tlsAuthority else { return try control.call(body) }
        let files = TLSFiles(certificate: tlsCertificate, key: tlsKey, authority: tlsAuthority)
        return try ControlSocket.call(.machine(server, files, name: serverName), body)
    }
}

extension TCPAddress: ExpressibleByArgument {
    /// From an option's text.
    public init?(argument: String) { self.init(argument) }
}

extension ExitStatus {
    fileprivate static func of(_ failure: ControlClientFailure) -> ExitCode {
        switch failure {
        case .nobody, .ended: unavailable
        case .notPermitted: notPermitted
        case .refused, .system: .failure
        }
    }
}
