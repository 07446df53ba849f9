import FilterReference
import Filters
import Foundation
import Glibc
import Testing

extension Kernel {
    /// Random policies on a known set of opens: the kernel tells what the plain meaning of their conditions says.
    @Suite struct FilterDifferenceTests {
        private struct Open {
            let name: String
            let flags: Int
            let result: Int
            let count: Int
        }

        private struct Told: Hashable {
            let policy: String
            let row: Int
            let name: String
        }

        private static let endings = ["a", "b.so", "c.so", "d.conf", "longer-than-twenty-four-bytes.conf", "e"]

        private func opens(_ folder: TemporaryFolder, _ random: inout SeededRandom) throws -> [Open] {
            let primes = [1, 2, 3, 5, 7, 11]
            var list: [Open] = []
            for directory in ["etc", "var", "var/deep"] {
                try FileManager.default.createDirectory(
                    atPath: folder(directory),
                    withIntermediateDirectories: true
                )
                for ending in Self.endings {
                    let name = folder("\(directory)/\(ending)")
                    let isThere = random.next() & 3 > 0
                    if isThere { try Data().write(to: URL(filePath: name)) }
                    list.append(
                        Open(
                            name: name,
                            flags: [O_RDONLY, O_WRONLY, O_RDWR | O_CLOEXEC, O_WRONLY | O_APPEND].map(Int.init)
                                .randomElement(using: &random) ?? 0,
                            // Which number it gets does not matter: no condition here tells one from another.
                            result: isThere ? 3 : -Int(ENOENT),
                            count: primes.randomElement(using: &random) ?? 1
                        )
                    )
                }
            }
            return list
        }

        private func condition(_ opens: [Open], _ random: inout SeededRandom) -> Condition {
            func names() -> [[UInt8]] {
                (0..<3).map { _ in Array((opens.randomElement(using: &random)?.name ?? "").utf8) }
            }
            let (source, test): (Condition.Source, Condition.Test)
            switch Int.random(in: 0..<10, using: &random) {
            case 0: (source, test) = (Openat.name, .texts(Set(names())))
            case 1, 2:
                let cut = Int.random(in: 0...18, using: &random)
                (source, test) = (Openat.name, .prefixes(Set(names().map { $0.dropLast(cut) })))
            case 3, 4:
                let kept = Int.random(in: 0...12, using: &random)
                (source, test) = (Openat.name, .postfixes(Set(names().map { $0.suffix(kept) })))
            case 9:
                let part = names().map { $0.suffix(8).prefix(4) }
                (source, test) = (Openat.name, .substrings(Set(part.map { Array($0) }), ignoresCase: false))
            case 5:
                (source, test) = (
                    Openat.flags, .bits(UInt64([1, 2, 3, 0x400, 0x80000].randomElement(using: &random) ?? 1))
                )
            case 6:
                (source, test) = (
                    Openat.flags, .ranges([0...UInt64.random(in: 0...3, using: &random)], isSigned: false)
                )
            case 7: (source, test) = (Openat.result, .ranges([1 << 63...UInt64.max], isSigned: true))
            default: (source, test) = (.ancestry, .numbers([random.next() & 1 == 0 ? UInt64(getpid()) : 4_000_000]))
            }
            return Condition(source, test, isNegated: Int.random(in: 0..<3, using: &random) == 0)
        }

        @Test(arguments: [1, 2, 3, 4, 5]) func `Random policies are told what they ask for`(_ seed: UInt64) throws {
            var random = SeededRandom(seed: seed)
            let folder = try TemporaryFolder()
            let opens = try opens(folder, &random)
            let gate = try Openat.byWorkload()
            let policies = (0..<Int.random(in: 5...25, using: &random)).map { number in
                Openat.policy(
                    "p\(number)",
                    (0..<Int.random(in: 1...4, using: &random)).map { _ in
                        let own = (0..<Int.random(in: 0...3, using: &random)).map { _ in condition(opens, &random) }
                        return HookRequest.Row(
                            conditions: [gate] + own,
                            posts: Int.random(in: 0..<5, using: &random) > 0
                        )
                    }
                )
            }
            let run = try HookRun()
            for result in run.hooks.add(policies.map { [$0] }) {
                for case let failure? in result.failures { throw failure }
            }
            var calls = Calls()
            for open in opens { Openat.add(open.count, open.name, flags: open.flags, to: &calls) }
            try calls.run()

            var expected: [Told: Int] = [:]
            for policy in policies {
                for open in opens {
                    let seen: [Condition.Source: SeenValue] = [
                        Openat.name: .text(Array(open.name.utf8)),
                        Openat.flags: .number(UInt64(open.flags)),
                        Openat.result: .number(UInt64(bitPattern: Int64(open.result))),
                        .ancestry: .numbers([UInt64(getpid())]),
                        .binary: .text(Array(Machine.resolved(try Products.workload()).utf8)),
                    ]
                    guard let row = FilterReference.deciding(policy.rows, seen), policy.rows[row].posts else {
                        continue
                    }
                    expected[Told(policy: policy.policy, row: row, name: open.name), default: 0] += open.count
                }
            }
            // The workload's own start opens files, too.
            let names = Set(opens.map(\.name))
            var told: [Told: Int] = [:]
            for call in run.calls() where names.contains(call.text(0) ?? "") {
                told[Told(policy: call.policy, row: call.selector, name: call.text(0) ?? ""), default: 0] += 1
            }
            #expect(told == expected, "seed \(seed)")
            #expect(!expected.isEmpty)
        }
    }
}
