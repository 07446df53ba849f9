import Fixtures
import Foundation
import Testing

@Suite struct HelpTests {
    private let martlet: Martlet

    init() throws { martlet = try Martlet() }

    @Test func theVersionIsOneLine() throws {
        let version = try martlet.run("version")
        #expect(version.exitCode == 0)
        #expect(version.text.wholeMatch(of: #/martlet \d+\.\d+\.\d+ \((x86_64|arm64)\)\n/#) != nil)
        #expect(try martlet.run("--version").text == version.text)
    }

    @Test func theHelpNamesEachCommand() throws {
        let help = try martlet.run("--help")
        #expect(help.exitCode == 0)
        #expect(help.errors.isEmpty)
        for command in ["run", "replay", "query", "policy", "rules", "doctor", "bpfd", "version"] {
            #expect(help.text.contains("\n  \(command) "))
        }
        #expect(try martlet.run().text == help.text)
    }

    @Test func theHelpOfRunSaysWhatItNeedsAndWhatItTakes() throws {
        let help = try martlet.run("run", "--help")
        #expect(help.exitCode == 0)
        for text in ["CAP_BPF and CAP_PERFMON", "5.10", "Ctrl-C", "SIGHUP"] { #expect(help.text.contains(text)) }
        for option in [
            "--format", "--event", "--process", "--path", "--user", "--pid", "--container", "--runtime", "--pod",
            "--unit", "--count", "--to", "--rotate-size",
            "--rotate-age", "--sink", "--store-age", "--store-size",
            "--rotate-count", "--color", "--quiet", "--verbose", "--duration", "--record", "--args-limit", "--env",
            "--raw-paths", "--line-limit",
            "--ring-size", "--rings", "--tcp-sockets", "--no-container-names", "--container-socket", "--run-as",
        ] { #expect(help.text.contains("\(option) ") || help.text.contains("\(option)\n"), "\(option)") }
    }

    @Test func theHelpOfReplaySaysThatNoRootIsNeeded() throws {
        #expect(try martlet.run("replay", "--help").text.contains("without root"))
    }

    @Test(arguments: ["bash", "zsh", "fish"]) func aShellsCompletionKnowsCommandsOptionsAndKinds(shell: String) throws {
        let script = try martlet.run("--generate-completion-script", shell)
        #expect(script.exitCode == 0)
        for word in ["replay", "ring-size", "exec-failed"] { #expect(script.text.contains(word), "\(word)") }
        let programs = ["/bin", "/usr/bin", "/usr/local/bin"].map { "\($0)/\(shell)" }
        guard let program = programs.first(where: FileManager.default.isExecutableFile) else { return }
        let folder = try TemporaryFolder()
        let path = try folder.write(script.output, to: "completion")
        let check = try Martlet.run(program, ["-n", path])
        #expect(check.exitCode == 0, "\(check.errors)")
        #expect(check.errors.isEmpty)
    }
}
