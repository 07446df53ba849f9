import API
import Agent
import ArgumentParser
import Glibc
import MartletV1
import Policies

extension PolicyCommand {
    /// `martlet policy ls`: the policies of a running daemon.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls",
            abstract: "Show the daemon's policies, and what became of their hooks.",
            discussion: """
                Needs to be root, the daemon's user, or a member of its read-group. Ends with status 0 when all that is to \
                be hooked is, 1 when something is not, 69 when there is no daemon, 77 when it may not be asked.
                """,
            aliases: ["list"]
        )

        @OptionGroup var control: ControlPlace

        @Option(name: .shortAndLong, help: "text for people, or json.")
        var output = StatusFormat.text

        func run() throws {
            let answer = try control.call { try await $0.listPolicies(.init(), options: ControlPlace.deadline) }
            switch output {
            case .json: print(try answer.jsonString())
            case .text: print(PolicyTable.text(of: answer.policies), terminator: "")
            }
            if answer.policies.contains(where: { $0.state == .error || $0.state == .partiallyEnabled }) {
                throw ExitCode.failure
            }
        }
    }

    /// `martlet policy add`: loads policies into a running daemon.
    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add",
            abstract: "Load policies into the daemon, until it ends.",
            discussion: """
                Of each file all policies are loaded, or none. Needs to be root, the daemon's user, or a member of its \
                change-group. Ends with status 0, 78 when a policy is wrong (then every fault is told with its place), 69 \
                when there is no daemon, 77 when it may not be told.
                """
        )

        @OptionGroup var control: ControlSocket

        @Argument(
            help: ArgumentHelp("Files, folders with *.yaml in them, or - for the standard input.", valueName: "file"),
            completion: .file()
        )
        var files: [String]

        func run() throws {
            var isRight = true
            for file in PolicyFiles.load(files) {
                let problems: [String]
                switch file.content {
                case .failure(let failure): problems = ["\(file.name): \(failure.reason)"]
                case .success(let bytes): problems = try add(bytes, file.name)
                }
                for problem in problems { Console.writeError("martlet: \(problem)") }
                if !problems.isEmpty { isRight = false }
            }
            if !isRight { throw ExitStatus.configuration }
        }

        /// What is wrong with a text; nothing, and then its policies are loaded.
        private func add(_ bytes: [UInt8], _ name: String) throws -> [String] {
            guard bytes.count <= ControlServer.textLimit else { return ["\(name): \(RuleTexts.tooLarge.reason)"] }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                // The reader tells it in the words of `check`.
                var collection = PolicyCollection()
                collection.read(bytes, file: name)
                return collection.problems.map { "\($0)" }
            }
            let request = Martlet_V1_AddPolicyRequest.with {
                $0.yaml = text
                $0.file = name
            }
            let answer = try control.call { try await $0.addPolicy(request, options: ControlPlace.loading) }
            for policy in answer.added { print("added \(policy.text)") }
            return answer.problems
        }
    }

    /// Which policy is meant.
    struct Chosen: ParsableArguments {
        @OptionGroup var control: ControlSocket

        @Argument(help: ArgumentHelp("The policy's name, or NAMESPACE/NAME as ls shows it.", valueName: "name"))
        var name: String

        @Option(name: .shortAndLong, help: ArgumentHelp("Its namespace, where it has one.", valueName: "name"))
        var namespace = ""

        var policy: Martlet_V1_PolicyName {
            let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            return .with {
                $0.name = namespace.isEmpty && parts.count == 2 ? String(parts[1]) : name
                $0.namespace = namespace.isEmpty && parts.count == 2 ? String(parts[0]) : namespace
            }
        }

        /// Takes its hooks off, or puts them back.
        func set(enabled: Bool) throws {
            let request = Martlet_V1_SetPolicyEnabledRequest.with {
                $0.policy = policy
                $0.enabled = enabled
            }
            _ = try control.call { try await $0.setPolicyEnabled(request, options: ControlPlace.loading) }
        }
    }

    private static let rights = """
        Needs to be root, the daemon's user, or a member of its change-group. Ends with status 0, 1 when there is no such \
        policy, 69 when there is no daemon, 77 when it may not be told.
        """

    /// `martlet policy rm`: unloads a policy.
    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rm",
            abstract: "Unload a policy from the daemon.",
            discussion: "One of the daemon's configuration comes back at its next start. " + rights,
            aliases: ["remove", "delete"]
        )

        @OptionGroup var chosen: Chosen

        func run() throws {
            let request = Martlet_V1_RemovePolicyRequest.with { $0.policy = chosen.policy }
            _ = try chosen.control.call { try await $0.removePolicy(request, options: ControlPlace.loading) }
        }
    }

    /// `martlet policy enable`: puts a policy's hooks back.
    struct Enable: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a policy's hooks back.",
            discussion: rights
        )

        @OptionGroup var chosen: Chosen

        func run() throws { try chosen.set(enabled: true) }
    }

    /// `martlet policy disable`: takes a policy's hooks off.
    struct Disable: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a policy's hooks off, and keep the policy.",
            discussion: rights
        )

        @OptionGroup var chosen: Chosen

        func run() throws { try chosen.set(enabled: false) }
    }
}
