import API
import Agent
import ArgumentParser
import Engine
import Formats
import Glibc
import MartletV1
import Model

/// `martlet trace`: the daemon's events, live.
struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Show the daemon's events as they happen.",
        discussion: """
            Filters are applied by the daemon, beside those of its own outputs, and see all that it watches. What this \
            command does not take in time is dropped, and told where it is missing. Needs to be root, the daemon's user, or \
            a member of its read-group. Ends with status 0 after --count, --duration or when nobody reads its output, 69 when \
            the daemon is or goes away, 77 when it may not be asked.

            Try:  martlet trace --event exec
                  martlet trace --container web --path /etc -o json
            """
    )

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: "The form of events: compact (a line for people) or json (Tetragon's shape)."
    )
    var output = TraceFormat.compact

    @OptionGroup var filter: FilterOptions

    @Option(name: .long, help: ArgumentHelp("End after this many events.", valueName: "n"))
    var count: Int?

    @Option(name: .long, help: ArgumentHelp("End after this time: 5, 30s, 15m, 24h.", valueName: "time"))
    var duration: Seconds?

    @Option(name: .long, help: "Colour: auto, always or never. NO_COLOR is respected.")
    var color: ColorChoice = .auto

    @OptionGroup var control: ControlPlace

    @Flag(name: .shortAndLong, help: "Say when events begin to come.")
    var verbose = false

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count must be at least 1.") }
    }

    func run() throws {
        signal(SIGPIPE, SIG_IGN)
        var request = Martlet_V1_StreamEventsRequest()
        request.filter = filter.message
        request.format = output == .json ? .json : color.isOn ? .compactColored : .compact
        let printer = EventPrinter(count: count)
        let (call, isVerbose, seconds) = (request, verbose, duration?.value)
        try control.call { agent in
            try await Self.within(seconds) {
                try await agent.streamEvents(call) { response in
                    for try await message in response.messages {
                        if isVerbose, case .started(let started) = message.content {
                            Console.writeError("martlet: events of \(started.node) from now on")
                        }
                        guard printer.print(message) else { return }
                    }
                }
            }
        }
    }

    /// Ends `body` when the time is over.
    private static func within(_ seconds: Double?, _ body: @escaping @Sendable () async throws -> Void) async throws {
        guard let seconds else { return try await body() }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await body() }
            tasks.addTask { try await Task.sleep(for: .seconds(seconds)) }
            try await tasks.next()
            tasks.cancelAll()
        }
    }
}

enum TraceFormat: String, ExpressibleByArgument, CaseIterable {
    case compact, json
}

extension FilterOptions {
    /// What was chosen, for the daemon. Users are looked up here: names in its files may be others.
    fileprivate var message: Martlet_V1_Filter {
        .with {
            $0.events = events.flatMap(\.kinds).map { "\($0.name)" }
            $0.processes = processes
            $0.paths = paths
            $0.users = users.map { "\($0.id)" }
            $0.pids = pids
            $0.containers = containers
            $0.runtimes = runtimes.map { "\($0.name)" }
            $0.pods = pods
            $0.units = units
            $0.policyNames = policies
        }
    }
}
