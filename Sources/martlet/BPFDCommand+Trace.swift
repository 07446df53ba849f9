import Agent
import ArgumentParser
import BPFDAPI
import Glibc

extension BPFDCommand {
    /// `bpfd trace`: events as they happen, on standard error.
    struct Trace: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "trace",
            abstract: "Show events as they happen, on standard error."
        )

        @OptionGroup var place: Place

        func run() throws {
            let isTerminal = isatty(STDERR_FILENO) == 1
            let isColored = isTerminal && (getenv("NO_COLOR").map { $0.pointee == 0 } ?? true)
            let text = LogrusText(isTerminal: isTerminal, isColored: isColored)
            try place.callBPFD { agent in
                try await agent.liveTrace(.init()) { response in
                    for try await event in response.messages {
                        if let line = text.line(of: event) { Console.writeError(line) }
                    }
                }
            }
        }
    }
}
