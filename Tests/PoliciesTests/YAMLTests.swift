import Policies
import Testing

/// Files as people and programs write them, and as nobody should.
@Suite struct YAMLTests {
    private let good = Reading.policy("spec: {loader: true}")

    @Test func severalDocuments() {
        let text =
            "%YAML 1.1\n---\n\(good)...\n# nothing\n---\n\n--- # b\n\(Reading.policy("spec: {loader: true}", name: "q"))"
        #expect(Reading.read(text).policies.map(\.name) == ["p", "q"])
        #expect(Reading.problems(text).isEmpty)
    }

    @Test func placesCountFromTheFilesBeginning() {
        let text = "\(good)---\n\(good)---\n\(Reading.policy("spec: {lader: true}", name: "q"))"
        #expect(Reading.problems(text).last == "14:8: spec.lader: there is no such field; did you mean loader?")
    }

    @Test func emptyFilesHaveNoPolicies() {
        for text in ["", "\n", "# x\n", "---\n", "---\n---\n", "...", "~", "\u{feff}"] {
            #expect(Reading.problems(text).isEmpty, "\(text)")
            #expect(Reading.read(text).policies.isEmpty)
        }
    }

    @Test func lineEndsOfOtherSystemsAndMarksOfByteOrder() {
        let text = "\u{feff}" + good.replacing("\n", with: "\r\n")
        #expect(Reading.problems(text).isEmpty)
        #expect(Reading.read(text).policies.count == 1)
    }

    @Test func aJSONDocument() {
        let text =
            #"{"apiVersion":"cilium.io/v1alpha1","kind":"TracingPolicy","metadata":{"name":"j"},"spec":{"loader":true}}"#
        #expect(Reading.read(text).policies.map(\.name) == ["j"])
    }

    @Test func aliasesStandForWhatTheyName() throws {
        let text = Reading.policy(
            """
            spec:
              kprobes:
                - &first
                  call: &name sys_a
                  args: &args [{index: 0, type: int}]
                - {call: *name, args: *args}
                - <<: *first
                  call: "*name"
                - {<<: [{call: sys_c}, *first]}
            """
        ).replacing("\"*name\"", with: "sys_b")
        #expect(Reading.problems(text).isEmpty)
        let hooks = try #require(Reading.read(text).policies.first).spec.kprobes
        #expect(hooks.map(\.target) == ["sys_a", "sys_a", "sys_b", "sys_c"])
        #expect(hooks.allSatisfy { $0.body.arguments.count == 1 })
    }

    @Test func starsInTextsAreStars() throws {
        let text = Reading.policy(
            "spec:\n  lists: [{name: a, type: generated_ftrace, pattern: \"*_open*\"}]\n  loader: true # *x"
        )
        #expect(try #require(Reading.read(text).policies.first).spec.lists[0].pattern?.value == "*_open*")
    }

    @Test func aliasesThatGrowAreRefused() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...30 {
            let inner = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(inner)]\n"
        }
        let problems = Reading.problems(text)
        #expect(problems.count == 1)
        #expect(problems[0].hasPrefix("6:5: grows to more than 500000 values"))
        // As keys, where they would be compared.
        let keys = Reading.problems(text + "? *a30\n: x\n? *a30\n: y\n")
        #expect(keys.count == 1)
    }

    @Test func anAliasOfItselfIsRefused() {
        #expect(Reading.problems("a: &a [*a]\n") == ["1:8: there is no anchor '&a' before this"])
    }

    @Test(arguments: [65, 500, 2000, 200_000]) func deepNestingIsRefused(_ depth: Int) {
        for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", "")] {
            let text = String(repeating: open, count: depth) + "x" + String(repeating: close, count: depth) + "\n"
            let problems = Reading.problems(text)
            #expect(problems.count == 1)
            #expect(
                problems[0].contains("a key must be a text") || problems[0].contains("levels of lists and mappings")
                    || problems[0].contains("no YAML"),
                "\(problems)"
            )
        }
    }

    @Test func bytesThatAreNoTextLeaveOtherDocumentsAlone() {
        let text =
            Array("\(good)---\na: b\nc: ".utf8) + [0xff, 0x0a]
            + Array("---\n\(Reading.policy("spec: {loader: true}", name: "q"))".utf8)
        let collection = Reading.read(text)
        #expect(collection.policies.map(\.name) == ["p", "q"])
        #expect(collection.problems.map(\.description) == ["f:7:1: no UTF-8"])
    }

    @Test func controlCharactersAreTold() {
        let problems = Reading.problems(Reading.policy("spec: {loader: tr\u{1}ue}"))
        #expect(problems.count == 1 && problems[0].hasPrefix("4:18: no YAML: control characters"), "\(problems)")
    }
}
