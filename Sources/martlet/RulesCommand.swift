import API
import Agent
import ArgumentParser
import MartletV1

/// `martlet rules`: rules, and what they match.
struct RulesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules",
        abstract: "Check rules, try them on recordings, and manage those of the daemon.",
        discussion: "docs/rules.md says what rules may hold.",
        subcommands: [Check.self, Test.self, List.self, Add.self, Remove.self, Explain.self]
    )

    /// `martlet rules ls`: the rules of a running daemon.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls",
            abstract: "Show the daemon's rules, and how many events they matched.",
            discussion: RulesCommand.readers,
            aliases: ["list"]
        )

        @OptionGroup var control: ControlPlace

        @Option(name: .shortAndLong, help: "text for people, or json.")
        var output = StatusFormat.text

        func run() throws {
            let answer = try control.call { try await $0.listRules(.init(), options: ControlPlace.deadline) }
            switch output {
            case .json: print(try answer.jsonString())
            case .text: print(RuleTable.text(of: answer.rules), terminator: "")
            }
        }
    }

    /// `martlet rules add`: has rules hold in a running daemon.
    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add",
            abstract: "Have rules hold in the daemon, at once.",
            discussion: """
                Of each file all rules hold, or none; one of the same name is replaced. Needs to be root, the \
                daemon's user, or a member of its change-group. Ends with status 0, 78 when a rule is wrong (then every \
                fault is told with its place), 69 when there is no daemon, 77 when it may not be told.
                """
        )

        @OptionGroup var control: ControlSocket

        @Argument(
            help: ArgumentHelp("Files, folders with *.toml in them, or - for the standard input.", valueName: "file"),
            completion: .file()
        )
        var files: [String]

        func run() throws {
            var isRight = true
            for file in RuleTexts.load(files) {
                switch file.content {
                case .failure(let failure):
                    Console.writeError("martlet: \(file.name): \(failure.reason)")
                    isRight = false
                case .success(let text):
                    let request = Martlet_V1_AddRulesRequest(text, file: file.name)
                    let answer = try control.call { try await $0.addRules(request, options: ControlPlace.loading) }
                    for warning in answer.warnings { Console.writeError("martlet: warning: \(warning)") }
                    for problem in answer.problems { Console.writeError("martlet: \(problem)") }
                    for name in answer.added { print("added \(name)") }
                    if !answer.problems.isEmpty { isRight = false }
                }
            }
            if !isRight { throw ExitStatus.configuration }
        }
    }

    /// `martlet rules rm`: forgets a rule.
    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rm",
            abstract: "Have the daemon forget a rule.",
            discussion: """
                One of the daemon's configuration comes back at its next start. Needs to be root, the daemon's user, or a \
                member of its change-group. Ends with status 0, 1 when there is no such rule, 69 when there is no daemon, 77 \
                when it may not be told.
                """,
            aliases: ["remove", "delete"]
        )

        @OptionGroup var control: ControlSocket

        @Argument(help: ArgumentHelp("The rule's name, as ls shows it.", valueName: "name"))
        var name: String

        @Option(name: .long, help: ArgumentHelp("Only where it is of this tracer.", valueName: "name"))
        var tracer = ""

        func run() throws {
            let request = Martlet_V1_RemoveRuleRequest.with {
                $0.name = name
                $0.tracer = tracer
            }
            _ = try control.call { try await $0.removeRule(request, options: ControlPlace.deadline) }
        }
    }

    /// `martlet rules explain`: what the kernel does of them.
    struct Explain: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what the kernel keeps back because no rule wants it, and why not the rest.",
            discussion: RulesCommand.readers
        )

        @OptionGroup var control: ControlPlace

        func run() throws {
            let text = try control.call { try await $0.explainRules(.init(), options: ControlPlace.deadline).text }
            print(text, terminator: text.hasSuffix("\n") ? "" : "\n")
        }
    }

    private static let readers = """
        Needs to be root, the daemon's user, or a member of its read-group. Ends with status 0, 69 when there is no daemon, 77 when it may not be asked.
        """
}

extension Martlet_V1_AddRulesRequest {
    /// Has the rules of a text hold.
    init(_ toml: String, file: String) {
        self.init()
        self.toml = toml
        self.file = file
    }
}
