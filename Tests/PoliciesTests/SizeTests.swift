import Policies
import Testing

/// Large files, and what is too large.
@Suite struct SizeTests {
    @Test func aThousandPoliciesInOneFile() {
        let text = (0..<1000).map {
            Reading.policy("spec: {kprobes: [{call: sys_a, args: [{index: 0, type: int}]}]}", name: "p\($0)")
        }.joined(separator: "---\n")
        let collection = Reading.read(text)
        #expect(collection.isRight)
        #expect(collection.policies.count == 1000)
        #expect(collection.policies[999].place.line == 999 * 5 + 1)
    }

    @Test func aFileOfFiveMegabytes() {
        // Each filter has as many values as are allowed.
        let values = (0..<PolicyLimits.values).map { "\"/srv/data/store/\($0)\"" }.joined(separator: ",")
        let filters = Array(repeating: "{index: 0, operator: Prefix, values: [\(values)]}", count: 4).joined(
            separator: ", "
        )
        let text = Reading.policy(
            "spec: {kprobes: [{call: sys_a, args: [{index: 0, type: path}], selectors: [{matchArgs: [\(filters)]}]}]}"
        )
        #expect(text.utf8.count > 5 << 20)
        let collection = Reading.read(text)
        #expect(collection.problems.isEmpty)
        #expect(collection.policies.first?.spec.kprobes[0].body.selectors[0].arguments.count == 4)
    }

    @Test func whatIsTooManyIsTold() {
        func problems(_ spec: String) -> [String] {
            Reading.problems(Reading.policy("spec: {kprobes: [{call: sys_a, \(spec)}]}"))
        }
        func many(_ text: String, _ count: Int) -> String {
            Array(repeating: text, count: count).joined(separator: ", ")
        }
        #expect(problems("selectors: [\(many("{}", 64))]").isEmpty)
        #expect(
            problems("selectors: [\(many("{}", 65))]") == [
                "4:300: spec.kprobes[0].selectors: has 65 selectors; at most 64 are allowed"
            ]
        )
        #expect(
            problems("args: [\(many("{index: 0, type: int}", 17))]").first?.hasSuffix(
                "has 17 arguments; at most 16 are allowed"
            ) == true
        )
        let data = "{type: int, source: pt_regs, resolve: rax}"
        #expect(
            problems("args: [\(many("{index: 0, type: int}", 9))], data: [\(many(data, 8))]").first?
                .hasSuffix("args and data are 17; at most 16 are read") == true
        )
        let actions = "selectors: [{matchActions: [\(many("{action: Post}", 17))]}]"
        #expect(problems(actions).first?.hasSuffix("has 17 actions; at most 16 are allowed") == true)
        let values = "selectors: [{matchPIDs: [{operator: In, values: [\(many("1", 65_537))]}]}]"
        #expect(problems(values).first?.hasSuffix("has 65537 values; at most 65536 are allowed") == true)
    }

    @Test func moreThanFiveSelectorsFourValuesAndFiveArguments() {
        let filter = "{index: 5, operator: Equal, values: [\"1\", \"2\", \"3\", \"4\", \"5\", \"6\"]}"
        let selectors = Array(repeating: "{matchArgs: [\(filter)]}", count: 6).joined(separator: ", ")
        let arguments = (0...5).map { "{index: \($0), type: int}" }.joined(separator: ", ")
        #expect(
            Reading.problems(
                Reading.policy("spec: {kprobes: [{call: sys_a, args: [\(arguments)], selectors: [\(selectors)]}]}")
            ).isEmpty
        )
    }

    @Test func aFileThatIsTooLargeIsNotRead() {
        let bytes = [UInt8](repeating: UInt8(ascii: "\n"), count: PolicyLimits.fileBytes + 1)
        #expect(Reading.read(bytes).problems.map(\.description) == ["f:1:1: is larger than 16 MiB: split it"])
        let documents = String(repeating: "---\n", count: PolicyLimits.documents + 1)
        #expect(Reading.problems(documents) == ["1:1: has more than 10000 documents: split it"])
    }

    @Test func macrosThatGrowAreRefused() {
        let values = Array(repeating: "\"1\"", count: 60_000).joined(separator: ", ")
        let filter = "{index: 0, operator: Equal, values: [\(values)]}"
        let selectors = Array(repeating: "{macros: [m]}", count: 64).joined(separator: ", ")
        let hook = "{call: sys_a, args: [{index: 0, type: int}], selectors: [\(selectors)]}"
        let problems = Reading.problems(
            Reading.policy("spec:\n  selectorsMacros: {m: {matchArgs: [\(filter)]}}\n  kprobes: [\(hook), \(hook)]")
        )
        #expect(problems.count == 1)
        #expect(problems.first?.contains("the macros stand for more than 500000 values") == true)
    }

    @Test func manyDoubledKeysAreTold() {
        let lines = (0..<60_000).map { "  k\($0 % 60): 1\n" }.joined()
        let problems = Reading.problems(Reading.policy("spec:\n" + lines))
        #expect(problems.count == 1)
        #expect(problems.first?.hasSuffix("stands here more than once; keep one") == true)
    }

    @Test func problemsEndSomewhere() {
        let text = Reading.policy("spec:\n" + (0..<5000).map { "  x\($0): 1\n" }.joined())
        let problems = Reading.problems(text)
        #expect(problems.count == PolicyLimits.problems + 1)
        #expect(problems.last?.contains("1000 problems so far") == true)
    }
}
