import Agent
import ArgumentParser
import Glibc
import Policies

/// `martlet policy`: tracing policies, and what they do.
struct PolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Check tracing policies, and manage those of the daemon.",
        discussion: "docs/policies.md says what policies may hold.",
        subcommands: [Check.self, List.self, Add.self, Remove.self, Enable.self, Disable.self]
    )

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what policies do, or what is wrong with them.",
            discussion: """
                Says too what becomes of each hook on this kernel: which way programs get there, or why it cannot be loaded; \
                root alone can try every way. Nothing stays loaded. Ends with status 0 when all of them hold, whatever \
                this kernel can, and with 78 when not: then every fault is told with its place.
                """
        )

        @Argument(
            help: ArgumentHelp("Files, folders with *.yaml in them, or - for the standard input.", valueName: "file"),
            completion: .file()
        )
        var files: [String]

        @Option(name: .shortAndLong, help: "The form: text, or json (docs/policies.md has its fields).")
        var output: ReportFormat = .text

        @Flag(name: .long, help: "Do not ask this kernel: say what policies mean anywhere.")
        var noKernel = false

        func run() throws {
            let kernel = noKernel ? nil : RunningKernel()
            let collection = PolicyFiles.read(files)
            let isWritten: Bool
            switch output {
            case .json:
                isWritten = StandardOutput.write(
                    try (kernel.map { PolicyReport(collection, on: $0) } ?? PolicyReport(collection)).json
                )
            case .text:
                isWritten = StandardOutput.write(text(collection, kernel))
                for problem in collection.problems { Console.writeError("martlet: \(problem)") }
            }
            guard isWritten else {
                Console.writeError("martlet: the report cannot be written: \(String(cString: strerror(errno)))")
                throw ExitCode.failure
            }
            if !collection.isRight { throw ExitStatus.configuration }
        }

        private func text(_ collection: PolicyCollection, _ kernel: RunningKernel?) -> String {
            let count = collection.policies.count
            let policies = count == 1 ? "1 policy holds" : "\(count) policies hold"
            let end = collection.isRight ? "ok: \(policies)\n" : "not ok: \(policies), others do not\n"
            let descriptions = collection.policies.map { policy in
                kernel.map { PolicyDescription(policy, on: $0) } ?? PolicyDescription(policy)
            }
            return descriptions.map { $0.text + "\n" }.joined() + end
        }
    }
}
