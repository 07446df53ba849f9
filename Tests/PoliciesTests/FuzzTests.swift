import Foundation
import Policies
import Testing

/// Good policies, damaged at random: each document becomes a policy or is told with places that are in the file.
@Suite struct FuzzTests {
    /// Repeatable: a failure names its seed.
    private struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state ^ state >> 29) &* 0xbf58_476d_1ce4_e5b9 ^ state >> 32
        }
    }

    private static let words = [
        "[]", "{}", "~", "-1", "0x7fffffffffffffff", "1e9", "true", "yes", "\"\"", "'", "\"", "*a", "&a x", "!!int 3",
        "|",
        "<<: *a", "- - -", "? x", "...", "---", "%TAG", "99999999999999999999999999999999999999999", "\u{2028}", "\t",
        "list:rare", "Equal", "CelExpr", "arg0", ": ", "#", "\u{0}", "é\u{301}🐦",
    ]

    private func check(_ bytes: [UInt8], _ seed: String) {
        let collection = Reading.read(bytes)
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for problem in collection.problems {
            #expect(lines.indices.contains(problem.place.line - 1), "\(seed): \(problem)")
            guard lines.indices.contains(problem.place.line - 1) else { continue }
            let width = String(decoding: lines[problem.place.line - 1], as: UTF8.self).unicodeScalars.count
            #expect((1...(width + 1)).contains(problem.place.column), "\(seed): \(problem)")
            #expect(!problem.what.isEmpty)
        }
        for policy in collection.policies { #expect(!PolicyDescription(policy).text.isEmpty) }
    }

    @Test(arguments: Reading.files) func damagedLines(_ file: URL) throws {
        let lines = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
        for seed in 0..<150 {
            var dice = Dice(state: UInt64(seed))
            var damaged = lines
            for _ in 0...Int.random(in: 0..<4, using: &dice) where damaged.count > 1 {
                let index = Int.random(in: damaged.indices, using: &dice)
                switch Int.random(in: 0..<6, using: &dice) {
                case 0: damaged.remove(at: index)
                case 1: damaged.insert(damaged[index], at: index)
                case 2: damaged[index] = "  " + damaged[index]
                case 3: damaged.swapAt(index, Int.random(in: damaged.indices, using: &dice))
                case 4:
                    // Another kind of value behind the key.
                    let word = Self.words.randomElement(using: &dice) ?? ""
                    damaged[index] = damaged[index].prefix { $0 != ":" } + ": " + word
                default: damaged = Array(damaged.prefix(index)) + [String(damaged[index].prefix(5))]
                }
            }
            check(Array(damaged.joined(separator: "\n").utf8), "\(file.lastPathComponent), lines, seed \(seed)")
        }
    }

    @Test(arguments: Reading.files) func damagedBytes(_ file: URL) throws {
        let bytes = Array(try Data(contentsOf: file))
        for seed in 0..<150 {
            var dice = Dice(state: UInt64(seed) + 1_000_000)
            var damaged = bytes
            for _ in 0...Int.random(in: 0..<6, using: &dice) where !damaged.isEmpty {
                let index = Int.random(in: damaged.indices, using: &dice)
                switch Int.random(in: 0..<5, using: &dice) {
                case 0: damaged[index] = UInt8.random(in: 0...255, using: &dice)
                case 1: damaged.remove(at: index)
                case 2: damaged.insert(UInt8.random(in: 0x20...0x7e, using: &dice), at: index)
                case 3: damaged.insert(contentsOf: (Self.words.randomElement(using: &dice) ?? "").utf8, at: index)
                default: damaged = Array(damaged.prefix(index))
                }
            }
            check(damaged, "\(file.lastPathComponent), bytes, seed \(seed)")
        }
    }

    @Test func anyBytesAtAll() {
        for seed in 0..<1000 {
            var dice = Dice(state: UInt64(seed) + 2_000_000)
            let count = Int.random(in: 0..<400, using: &dice)
            check((0..<count).map { _ in UInt8.random(in: 0...255, using: &dice) }, "any, seed \(seed)")
            let text = (0..<count / 4).map { _ in Self.words.randomElement(using: &dice) ?? "" }
            check(Array(text.joined(separator: seed % 2 == 0 ? " " : "\n").utf8), "words, seed \(seed)")
        }
    }
}
