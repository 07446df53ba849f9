import Fixtures
import Foundation
import Testing

/// `martlet policy`, as a user runs it.
@Suite struct PolicyTests {
    private let martlet: Martlet
    private let folder: TemporaryFolder
    private let good = """
        apiVersion: cilium.io/v1alpha1
        kind: TracingPolicy
        metadata: {name: opens}
        spec:
          kprobes:
            - call: security_file_open
              syscall: false
              args: [{index: 0, type: file}]
              selectors:
                - matchArgs: [{index: 0, operator: Prefix, values: [/etc/]}]

        """

    init() throws {
        martlet = try Martlet()
        folder = try TemporaryFolder()
    }

    private func file(_ name: String, _ text: String) throws -> String {
        try folder.write(Array(text.utf8), to: name)
    }

    @Test func checkSaysWhatAPolicyDoes() throws {
        let path = try file("opens.yaml", good)
        let result = try martlet.run("policy", "check", "--no-kernel", path)
        #expect(result.exitCode == 0)
        #expect(result.errors.isEmpty)
        let expected = """
            opens: a TracingPolicy, \(path):1
              for every process
              kprobes: security_file_open
                reads: argument 0 (file)
                when: argument 0 begins with /etc/
                  an event

            ok: 1 policy holds

            """
        #expect(result.text == expected)
    }

    @Test func checkSaysWhatBecomesOfItOnThisKernelWhateverThatIs() throws {
        let path = try file("opens.yaml", good)
        let result = try martlet.run("policy", "check", path)
        #expect(result.exitCode == 0)
        #expect(result.text.contains("on this kernel: ") || result.text.contains("not loaded: "))
        #expect(try martlet.run("policy", "check", "-o", "json", path).text.contains("\"kernel\" : {"))
        #expect(try !martlet.run("policy", "check", "-o", "json", "--no-kernel", path).text.contains("\"kernel\""))
    }

    @Test func checkTellsAllThatIsWrongAndTheOthersAllTheSame() throws {
        _ = try file("a.yaml", good)
        let bad = try file("b.yaml", good.replacing("opens", with: "x").replacing("- call:", with: "- cal:"))
        _ = try file("c.txt", "no policy")
        let result = try martlet.run("policy", "check", folder.path(""))
        #expect(result.exitCode == 78)
        #expect(result.text.hasSuffix("not ok: 1 policy holds, others do not\n"))
        let lines = result.errors.split(separator: "\n")
        #expect(
            lines == [
                "martlet: \(bad):6:7: spec.kprobes[0]: has no field 'call': it names the function",
                "martlet: \(bad):6:7: spec.kprobes[0].cal: there is no such field; did you mean call?",
            ]
        )
    }

    @Test func checkForMachinesIsOneObject() throws {
        struct Report: Decodable {
            struct Policy: Decodable {
                let name: String
                let hooks: [Hook]
            }
            struct Hook: Decodable { let target: String }
            struct Problem: Decodable {
                let line: Int
                let column: Int
                let severity: String
                let path: String
            }
            let version: Int
            let policies: [Policy]
            let problems: [Problem]
        }
        let path = try file(
            "two.yaml",
            good + "---\n" + good.replacing("opens", with: "x").replacing("/etc/]", with: "1]")
        )
        let result = try martlet.run("policy", "check", "-o", "json", path)
        #expect(result.exitCode == 78)
        #expect(result.errors.isEmpty)
        let report = try JSONDecoder().decode(Report.self, from: Data(result.output))
        #expect(report.version == 1)
        #expect(report.policies.map(\.name) == ["opens"])
        #expect(report.policies[0].hooks.map(\.target) == ["security_file_open"])
        #expect(report.problems.count == 1)
        #expect(report.problems[0].line == 21 && report.problems[0].severity == "error")
        #expect(report.problems[0].path == "spec.kprobes[0].selectors[0].matchArgs[0].values[0]")
    }

    @Test func whatCannotBeReadIsTold() throws {
        let missing = folder.path("missing.yaml")
        let result = try martlet.run("policy", "check", missing)
        #expect(result.exitCode == 78)
        #expect(result.errors == "martlet: \(missing):1:1: cannot be read: No such file or directory\n")
        let device = try martlet.run("policy", "check", "/dev/null")
        #expect(device.errors == "martlet: /dev/null:1:1: is no regular file\n")
        // The standard input of these runs is empty.
        let empty = try martlet.run("policy", "check", "-")
        #expect(empty.exitCode == 0 && empty.text == "ok: 0 policies hold\n")
    }

    @Test func aFormThatIsNoneIsRefused() throws {
        #expect(try martlet.run("policy", "check", "-o", "xml", "-").exitCode == 64)
        #expect(try martlet.run("policy", "check").exitCode == 64)
    }
}
