import Agent
import ArgumentParser
import BPFDAPI
import MartletV1
import Rules

extension BPFDCommand {
    /// `bpfd create`: has rules hold.
    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Have the rules of files hold.",
            discussion: "Prints the name of each."
        )

        @OptionGroup var place: Place

        @Argument(help: ArgumentHelp("Rule files.", valueName: "rule-file"), completion: .file())
        var files: [String]

        func run() throws {
            let texts = try RuleTexts.load(files).map { file in
                switch file.content {
                case .success(let text): (file.name, text)
                case .failure(let failure): throw place.failure("\(file.name): \(failure.reason)")
                }
            }
            // None holds when one of them is wrong.
            for (name, text) in texts {
                var rules = RuleCollection()
                rules.read(Array(text.utf8), file: name)
                let faults = rules.problems.filter { $0.severity == .error }
                guard faults.isEmpty else { throw place.failure(faults.map { "\($0)" }.joined(separator: "\n")) }
            }
            for (name, text) in texts {
                let request = Martlet_V1_AddRulesRequest(text, file: name)
                let answer = try place.call { try await $0.addRules(request, options: ControlPlace.loading) }
                for warning in answer.warnings { Console.writeError("bpfd: warning: \(warning)") }
                guard answer.problems.isEmpty else { throw place.failure(answer.problems.joined(separator: "\n")) }
                for name in answer.added { print(name) }
            }
        }
    }

    /// `bpfd ls`: the rules, and their tracers.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "ls", abstract: "Show the rules.")

        @OptionGroup var place: Place

        func run() throws {
            let answer = try place.callBPFD { try await $0.listRules(.init(), options: ControlPlace.deadline) }
            let rows = [("NAME", "TRACER")] + answer.rules.map { ($0.name, $0.tracer) }
            // As wide as the widest and three more, and at least 20.
            let width = max(20, 3 + (rows.map(\.0.count).max() ?? 0))
            for (name, tracer) in rows { print(name + String(repeating: " ", count: width - name.count) + tracer) }
        }
    }

    /// `bpfd rm`: forgets rules.
    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rm",
            abstract: "Forget rules, whatever their tracers are.",
            discussion: "Prints the name of each. Ends at the first that is not there."
        )

        @OptionGroup var place: Place

        @Argument(help: ArgumentHelp("Names, as ls shows them.", valueName: "rule-name"))
        var names: [String]

        func run() throws {
            for name in names {
                let request = Grpc_RemoveRuleRequest.with { $0.name = name }
                _ = try place.callBPFD { try await $0.removeRule(request, options: ControlPlace.deadline) }
                print(name)
            }
        }
    }
}
