import FilterReference
import Filters
import Foundation
import Testing

extension Kernel {
    /// Texts and numbers of conditions where something begins or ends.
    @Suite struct FilterBorderTests {
        private static let primes = [2, 3, 5, 7, 11, 13]

        private func name(_ length: Int) -> String { String(repeating: "n", count: length) }

        /// How often each policy was told, of these opens alone.
        private func counts(_ run: HookRun, _ names: Set<String>) -> [String: Int] {
            run.calls().filter { names.contains($0.text(0) ?? "?") }.reduce(into: [:]) {
                $0[$1.policy, default: 0] += 1
            }
        }

        private func check(_ tests: [(String, Condition.Test)], _ names: [String]) throws {
            let gate = try Openat.byWorkload()
            let run = try HookRun()
            var policies: [HookRequest] = []
            for (name, test) in tests {
                for isNegated in [false, true] {
                    let condition = Condition(Openat.name, test, isNegated: isNegated)
                    let row = HookRequest.Row(conditions: [gate, condition])
                    policies.append(Openat.policy("\(isNegated ? "not " : "")\(name)", [row]))
                }
            }
            for result in run.hooks.add(policies.map { [$0] }) {
                for case let failure? in result.failures { throw failure }
            }
            var calls = Calls()
            var expected: [String: Int] = [:]
            let binary = SeenValue.text(Array(Machine.resolved(try Products.workload()).utf8))
            for (index, name) in names.enumerated() {
                let count = Self.primes[index % Self.primes.count]
                Openat.add(count, name, to: &calls)
                for policy in policies {
                    let seen: [Condition.Source: SeenValue] = [Openat.name: .text(Array(name.utf8)), .binary: binary]
                    if FilterReference.deciding(policy.rows, seen) != nil {
                        expected[policy.policy, default: 0] += count
                    }
                }
            }
            try calls.run()
            #expect(counts(run, Set(names)) == expected)
        }

        @Test func `Whole texts of every size class, from the empty one to the longest name`() throws {
            let lengths = [0, 1, 24, 25, 56, 57, 120, 121, 248, 249, 504, 505, 1016, 1017, 4094, 4095]
            // Keys of maps fit on a program's stack before 5.11; names may be longer all the same.
            let longest = Machine.kernel >= (5, 11) ? 4095 : 504
            try check(
                lengths.filter { $0 <= longest }.map { ("\($0)", .texts([Array(name($0).utf8)])) },
                lengths.map(name)
            )
        }

        @Test func `Beginnings and ends of none to 256 bytes, of names around that and of the longest`() throws {
            var tests: [(String, Condition.Test)] = []
            for length in [0, 1, 255, 256] {
                let text = Array(name(length).utf8)
                tests.append(("begins \(length)", .prefixes([text])))
                tests.append(("ends \(length)", .postfixes([text])))
                tests.append(("begins e\(length)", .prefixes([[101] + text.dropLast()])))
                tests.append(("ends e\(length)", .postfixes([text.dropLast() + [101]])))
            }
            let lengths = [0, 1, 254, 255, 256, 257, 4095]
            try check(
                tests,
                lengths.map(name) + lengths.dropFirst().flatMap { ["e" + name($0 - 1), name($0 - 1) + "e"] }
            )
        }

        @Test func `A NUL in a condition is no end of it`() throws {
            let text = Array("name".utf8)
            try check(
                [
                    ("whole", .texts([text + [0]])), ("begins", .prefixes([text + [0]])),
                    ("ends", .postfixes([[0] + text])),
                    ("zeroes", .texts([[0, 0]])),
                ],
                ["name", "", "nam"]
            )
        }

        @Test func `Ten thousand values of one condition`() throws {
            let names = (0..<10_000).map { "/nothing/here/is/number-\($0)" }
            let values = Set(names.map { Array($0.utf8) })
            try check(
                [("texts", .texts(values)), ("begins", .prefixes(values)), ("ends", .postfixes(values))],
                [
                    names[0], names[9_999], names[4_711], "/nothing/here/is/number-", "/nothing/here/is/number-10000",
                    "x",
                ]
            )
        }

        @Test(arguments: [100, 1_000]) func `As many policies, each with a name of its own`(_ count: Int) throws {
            let gate = try Openat.byWorkload()
            let run = try HookRun()
            let policies = (0..<count).map { number in
                let exact = Condition(Openat.name, .texts([Array("/number/\(number)".utf8)]))
                let other = Condition(Openat.name, .postfixes([Array("r/\(number / 2)".utf8)]))
                return [
                    Openat.policy(
                        "p\(number)",
                        [HookRequest.Row(conditions: [gate, exact]), .init(conditions: [gate, other])]
                    )
                ]
            }
            // Twice as many selectors as policies; beyond 1,024 the last ones find no room, and say so.
            let results = run.hooks.add(policies)
            let room = min(count, 512)
            #expect(results.indices.allSatisfy { (results[$0].failures[0] == nil) == ($0 < room) })
            var calls = Calls()
            for number in [0, 1, 63, room - 1] { Openat.add(7, "/number/\(number)", to: &calls) }
            try calls.run()
            var expected: [String: Int] = [:]
            for number in [0, 1, 63, room - 1] {
                for row in 0..<room where row == number || row / 2 == number { expected["p\(row)", default: 0] += 7 }
            }
            #expect(counts(run, Set([0, 1, 63, room - 1].map { "/number/\($0)" })) == expected)
        }

        @Test func `A thousand policies of one selector`() throws {
            let gate = try Openat.byWorkload()
            let run = try HookRun()
            let results = run.hooks.add(
                (0..<1_000).map { number in
                    let exact = Condition(Openat.name, .texts([Array("/number/\(number)".utf8)]))
                    return [Openat.policy("p\(number)", [HookRequest.Row(conditions: [gate, exact])])]
                }
            )
            #expect(results.allSatisfy { $0.failures[0] == nil })
            var calls = Calls()
            for number in [0, 63, 64, 999] { Openat.add(11, "/number/\(number)", to: &calls) }
            try calls.run()
            #expect(
                counts(run, Set([0, 63, 64, 999].map { "/number/\($0)" })) == [
                    "p0": 11, "p63": 11, "p64": 11, "p999": 11,
                ]
            )
        }
    }
}
