import API
import Agent
import ArgumentParser
import Glibc

extension BPFDCommand {
    /// The flags that all of bpfd's verbs have. Go takes long ones with one hyphen, too.
    struct Place: ParsableArguments {
        @Flag(
            name: [.customShort("d"), .customLong("debug"), .customLong("debug", withSingleDash: true)],
            help: "Say more."
        )
        var debug = false

        @Option(
            name: [.customLong("grpc-addr"), .customLong("grpc-addr", withSingleDash: true)],
            help: ArgumentHelp(
                "The socket; otherwise \(ControlOptions.bpfdSocket), and where that is not there, martlet's own.",
                valueName: "path"
            ),
            completion: .file()
        )
        var grpcAddr: String?

        /// What was chosen; nil: nothing.
        var address: String? {
            get throws {
                guard let grpcAddr else { return nil }
                guard !grpcAddr.isEmpty else { throw failure("gRPC address cannot be empty") }
                return grpcAddr
            }
        }

        private var client: ControlClient {
            get throws {
                if let address = try address { return ControlClient(socket: address) }
                let isThere = access(ControlOptions.bpfdSocket, F_OK) == 0
                return ControlClient(socket: isThere ? ControlOptions.bpfdSocket : try ControlSocket.parse([]).path)
            }
        }

        /// Asks by martlet's own service, which the same socket has, or ends the command with what is in the way.
        func call<Answer: Sendable>(
            _ body: @escaping @Sendable (ControlClient.Service) async throws -> Answer
        ) throws -> Answer {
            let client = try client
            do { return try client.call(body) } catch { throw failure("\(error)") }
        }

        /// Asks by bpfd's service, or ends the command with what is in the way.
        func callBPFD<Answer: Sendable>(
            _ body: @escaping @Sendable (ControlClient.BPFDService) async throws -> Answer
        ) throws -> Answer {
            let client = try client
            do { return try client.callBPFD(body) } catch { throw failure("\(error)") }
        }

        /// Says what is wrong, for a command that ends with it.
        func failure(_ text: String) -> ExitCode {
            Console.writeError("bpfd: \(text)")
            return .failure
        }
    }
}
