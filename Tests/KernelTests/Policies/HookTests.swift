import CWire
import Filters
import Foundation
import Glibc
import Model
import Probes
import Testing

extension Kernel {
    /// Conditions, rows and policies at one hook, by real calls: openat, whose arguments are there when it returns.
    @Suite struct HookTests {
        private static let openat = HookPoint(
            .syscallExit,
            [HookPoint.Function(symbol: "openat", name: "__x64_sys_openat", number: 257)]
        )
        private static let name = Reading(.argument(1), read: MT_READ_STRING, value: MT_VALUE_TEXT)
        private static let result = Reading(
            .returned,
            read: MT_READ_NUMBER,
            value: MT_VALUE_INT,
            width: 4,
            isSigned: true
        )
        private static let flags = Reading(
            .argument(2),
            read: MT_READ_NUMBER,
            value: MT_VALUE_INT,
            width: 4,
            isSigned: true
        )

        private func opens(_ policy: String, _ rows: [HookRequest.Row]) -> HookRequest {
            HookRequest(
                Self.openat,
                kind: .kprobe,
                policy: policy,
                readings: [Self.name, Self.result, Self.flags],
                shown: [HookRequest.Shown(reading: 0), HookRequest.Shown(reading: 1, role: MT_ROLE_RETURN)],
                rows: rows
            )
        }

        private func text(_ test: Condition.Test, not isNegated: Bool = false) -> Condition {
            Condition(.value(0, .whole), test, isNegated: isNegated)
        }

        private func bytes(_ text: String) -> Set<[UInt8]> { [Array(text.utf8)] }

        /// A file of its own, and its folder.
        private func file() throws -> (TemporaryFolder, String) {
            let folder = try TemporaryFolder()
            let path = folder("wanted")
            try Data().write(to: URL(filePath: path))
            return (folder, path)
        }

        private func open(_ path: String, _ count: Int) throws {
            _ = try Child.run(try Products.workload(), "open", "\(count)", path)
        }

        @Test func `Exactly the calls that a condition holds for are told, with arguments and result`() throws {
            let (folder, path) = try file()
            defer { _ = folder }
            let run = try HookRun()
            try run.add(opens("opens", [HookRequest.Row(label: "one", conditions: [text(.texts(bytes(path)))])]))
            try open(path, 23)
            try open("/dev/null", 17)
            let calls = run.calls()
            #expect(calls.count == 23)
            #expect(calls.allSatisfy { $0.text(0) == path && $0.policy == "opens" && $0.label == "one" })
            #expect(calls.allSatisfy { $0.function == "__x64_sys_openat" && Int64(bitPattern: $0.number(1) ?? 0) >= 3 })
        }

        @Test func `Conditions of a row are all needed, and its values any of them`() throws {
            let (folder, path) = try file()
            defer { _ = folder }
            let run = try HookRun()
            let inFolder = text(.prefixes(bytes(path.replacing("wanted", with: ""))))
            let notOther = text(.postfixes([Array("/other".utf8), Array("/third".utf8)]), not: true)
            try run.add(opens("opens", [HookRequest.Row(conditions: [inFolder, notOther])]))
            for name in ["other", "third", "fourth"] { try Data().write(to: URL(filePath: folder(name))) }
            try open(folder("other"), 3)
            try open(folder("third"), 5)
            try open(folder("fourth"), 7)
            try open("/dev/null", 11)
            let calls = run.calls()
            #expect(calls.map { $0.text(0) ?? "" } == [String](repeating: folder("fourth"), count: 7))
        }

        @Test func `The first row that holds decides, for each policy by itself`() throws {
            let (folder, path) = try file()
            defer { _ = folder }
            let run = try HookRun()
            let exact = text(.texts(bytes(path)))
            try run.add(
                opens(
                    "silent",
                    [HookRequest.Row(conditions: [exact], posts: false), HookRequest.Row(conditions: [exact])]
                )
            )
            try run.add(
                opens(
                    "second",
                    [
                        HookRequest.Row(conditions: [text(.texts(bytes("/none")))]),
                        HookRequest.Row(label: "b", conditions: [exact]),
                        HookRequest.Row(label: "c", conditions: [exact]),
                    ]
                )
            )
            try open(path, 13)
            let calls = run.calls()
            #expect(calls.count == 13)
            #expect(calls.allSatisfy { $0.policy == "second" && $0.selector == 1 && $0.label == "b" })
        }

        @Test func `A condition that nothing fulfils loads, and holds for nothing`() throws {
            let (folder, path) = try file()
            defer { _ = folder }
            let run = try HookRun()
            let exact = text(.texts(bytes(path)))
            let flags = Condition.Source.value(2, .whole)
            let never: [Condition.Test] = [.numbers([]), .ranges([], isSigned: true), .bits(0)]
            for (index, test) in never.enumerated() {
                let row = HookRequest.Row(conditions: [exact, Condition(flags, test)])
                let other = HookRequest.Row(conditions: [exact, Condition(flags, test, isNegated: true)])
                try run.add(opens("never\(index)", [row]))
                try run.add(opens("always\(index)", [other]))
            }
            for (index, test) in [Condition.Test.prefixes([]), .postfixes([])].enumerated() {
                try run.add(opens("no text\(index)", [HookRequest.Row(conditions: [exact, text(test)])]))
            }
            try open(path, 23)
            let counts = Dictionary(grouping: run.calls(), by: \.policy).mapValues(\.count)
            #expect(counts == ["always0": 23, "always1": 23, "always2": 23])
        }

        @Test func `A hundred policies share one program, and each is told its own`() throws {
            let (folder, path) = try file()
            defer { _ = folder }
            let run = try HookRun()
            let policies = (0..<100).map { number in
                [opens("p\(number)", [HookRequest.Row(conditions: [text(.texts(bytes("\(path)\(number % 50)")))])])]
            }
            let results = run.hooks.add(policies)
            #expect(results.allSatisfy { $0.failures.allSatisfy { $0 == nil } })
            try Data().write(to: URL(filePath: "\(path)7"))
            try open("\(path)7", 5)
            let calls = run.calls()
            #expect(calls.count == 10)
            #expect(Set(calls.map(\.policy)) == ["p7", "p57"])
            #expect(run.hooks.verifiedInstructions().count == 1)
        }

        @Test func `Rate limits tell one of each kind, and count the others`() throws {
            let (folder, path) = try file()
            defer { _ = folder }
            let run = try HookRun()
            let ticket = try run.add(
                opens(
                    "slow",
                    [
                        HookRequest.Row(
                            conditions: [text(.prefixes(bytes(path)))],
                            rate: 600_000_000_000,
                            scope: MT_SCOPE_GLOBAL
                        )
                    ]
                )
            )
            try Data().write(to: URL(filePath: path + "2"))
            try open(path, 23)
            try open(path + "2", 19)
            #expect(run.calls().map { $0.text(0) } == [path, path + "2"])
            let counts = run.hooks.counts(ticket)[0].counts[0]
            #expect(counts.matched == 42 && counts.posted == 2 && counts.suppressed == 40)
        }

        @Test func `A policy that comes or goes while its hook fires disturbs no other`() throws {
            let (folder, path) = try file()
            defer { _ = folder }
            let run = try HookRun()
            let steady = try run.add(opens("steady", [HookRequest.Row(conditions: [text(.texts(bytes(path)))])]))
            let child = try Child([try Products.workload(), "open", "40000", path])
            var told = 0
            for round in 0..<20 {
                // At times another program is needed, at times only another image.
                let test: Condition.Test =
                    round % 2 == 0 ? .texts(bytes("/none\(round)")) : .postfixes(bytes("/none\(round)"))
                let ticket = try run.add(opens("passing", [HookRequest.Row(conditions: [text(test)])]))
                told += run.calls().count
                run.hooks.remove(ticket)
                told += run.calls().count
            }
            _ = try child.wait()
            told += run.calls().count
            let counts = run.hooks.counts(steady)[0].counts[0]
            #expect(counts.matched == 40000)
            #expect(told == 40000)
        }

        @Test func `Numbers are compared by value, range, sign and bits`() throws {
            let (folder, path) = try file()
            defer { _ = folder }
            let run = try HookRun()
            let exact = text(.texts(bytes(path)))
            func policy(_ name: String, _ condition: Condition) throws {
                try run.add(opens(name, [HookRequest.Row(conditions: [exact, condition])]))
            }
            let result = Condition.Source.value(1, .whole)
            let flags = Condition.Source.value(2, .whole)
            try policy("failed", Condition(result, .ranges([1 << 63...UInt64.max], isSigned: true)))
            try policy("ENOENT", Condition(result, .numbers([UInt64(bitPattern: -2)])))
            try policy("worked", Condition(result, .ranges([0...1000], isSigned: true)))
            try policy("writes", Condition(flags, .bits(3)))
            try policy("reads", Condition(flags, .bits(3), isNegated: true))
            try open(path, 3)
            try FileManager.default.removeItem(atPath: path)
            _ = try Child.run(try Products.workload(), "open-fail", "5", path)
            let calls = run.calls()
            let counts = Dictionary(grouping: calls, by: \.policy).mapValues(\.count)
            #expect(counts["failed"] == 5 && counts["ENOENT"] == 5 && counts["worked"] == 3 && counts["reads"] == 8)
            #expect(counts["writes"] == nil)
        }

        @Test func `The program of a process and of its ancestors can be asked for`() throws {
            let (folder, path) = try file()
            defer { _ = folder }
            let run = try HookRun()
            let exact = text(.texts(bytes(path)))
            let workload = Set([Array(Machine.resolved(try Products.workload()).utf8)])
            let shell = Set([Array(Machine.resolved("/bin/sh").utf8)])
            func policy(_ name: String, _ source: Condition.Source, _ test: Condition.Test, not: Bool = false) throws {
                try run.add(
                    opens(name, [HookRequest.Row(conditions: [exact, Condition(source, test, isNegated: not)])])
                )
            }
            try policy("binary", .binary, .texts(workload))
            try policy("not", .binary, .texts(workload), not: true)
            try policy("prefix", .binary, .prefixes(["/".utf8.map { $0 }]))
            try policy("parent", .parentBinary, .texts(shell))
            try policy("lineage", .lineage, .texts(shell))
            try open(path, 3)
            _ = try Child.run("/bin/sh", "-c", "'\(try Products.workload())' open 5 '\(path)'; :")
            let counts = Dictionary(grouping: run.calls(), by: \.policy).mapValues(\.count)
            #expect(counts["binary"] == 8 && counts["not"] == nil && counts["prefix"] == 8)
            #expect(counts["parent"] == 5 && counts["lineage"] == 5)
        }

        @Test func `Numbers, namespaces and capabilities of the process can be asked for`() throws {
            let (folder, path) = try file()
            defer { _ = folder }
            let run = try HookRun()
            let exact = text(.texts(bytes(path)))
            func policy(_ name: String, _ source: Condition.Source, _ test: Condition.Test, not: Bool = false) throws {
                try run.add(
                    opens(name, [HookRequest.Row(conditions: [exact, Condition(source, test, isNegated: not)])])
                )
            }
            var status = stat()
            stat("/proc/self/ns/net", &status)
            try policy("net", .namespace(5), .numbers([UInt64(status.st_ino)]))
            try policy("other", .namespace(5), .numbers([UInt64(status.st_ino)]), not: true)
            try policy("admin", .effective, .bits(1 << 21))
            try policy("mine", .ancestry, .numbers([UInt64(getpid())]))
            try policy("me", .process, .numbers([UInt64(getpid())]))
            try open(path, 3)
            let counts = Dictionary(grouping: run.calls(), by: \.policy).mapValues(\.count)
            #expect(counts["net"] == 3 && counts["other"] == nil && counts["mine"] == 3 && counts["me"] == nil)
            #expect(counts["admin"] == 3)
        }

        @Test func `Any of several substrings is found, in large and small letters if that is asked for`() throws {
            let folder = try TemporaryFolder()
            let run = try HookRun()
            func policy(_ name: String, _ texts: [String], ignoresCase: Bool = false, not isNegated: Bool = false)
                throws
            {
                let test = Condition.Test.substrings(Set(texts.map { Array($0.utf8) }), ignoresCase: ignoresCase)
                let inFolder = text(.prefixes(bytes(folder(""))))
                try run.add(opens(name, [HookRequest.Row(conditions: [inFolder, text(test, not: isNegated)])]))
            }
            try policy("he", ["he", "she", "hers", "-XX-"])
            try policy("ursine", ["shers"])
            try policy("fold", ["usher"], ignoresCase: true)
            try policy("none", ["nowhere"])
            try policy("not", ["he"], not: true)
            let names = ["ushers", "USHERS", "h-e", "ahishers", "a-XX-b"]
            for name in names {
                try Data().write(to: URL(filePath: folder(name)))
                try open(folder(name), 3)
            }
            let told = Dictionary(grouping: run.calls(), by: \.policy).mapValues { calls in
                Set(calls.map { String(($0.text(0) ?? "").dropFirst(folder("").utf8.count)) })
            }
            #expect(told["he"] == ["ushers", "ahishers", "a-XX-b"])
            #expect(told["ursine"] == ["ushers", "ahishers"])
            #expect(told["fold"] == ["ushers", "USHERS"])
            #expect(told["none"] == nil)
            #expect(told["not"] == ["USHERS", "h-e", "a-XX-b"])
        }

        @Test func `The agent's own calls are not told`() throws {
            let (folder, path) = try file()
            defer { _ = folder }
            let run = try HookRun()
            try run.add(opens("opens", [HookRequest.Row(conditions: [text(.texts(bytes(path)))])]))
            for _ in 0..<5 { close(Glibc.open(path, O_RDONLY)) }
            #expect(run.calls().isEmpty)
        }
    }
}
