import CWire
import Foundation
import Testing

extension Kernel {
    /// What lies behind the pointers that a process hands over.
    @Suite struct UserMemoryTests {
        /// Something that the kernel could read there, if it were asked to.
        private static let kernelAddress: String = {
            let line = Machine.contents("/proc/kallsyms").split(separator: "\n").first { $0.hasSuffix(" linux_banner") }
            let address = line.flatMap { UInt64($0.prefix { $0 != " " }, radix: 16) } ?? 0
            return "0x" + String(address == 0 ? 0xffff_ffff_8100_0000 : address, radix: 16)
        }()

        private static func littleEndian(_ numbers: UInt64...) -> String {
            numbers.flatMap { number in withUnsafeBytes(of: number.littleEndian) { Array($0) } }
                .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }

        /// A policy on a call of the workload; `arguments` as in a policy.
        private func add(_ call: String, _ arguments: String, to run: HookRun) throws {
            let workload = Machine.resolved(try Products.workload())
            try run.add(
                policy: "pointers",
                """
                  kprobes:
                    - call: sys_\(call)
                      syscall: true
                      args: [\(arguments)]
                      selectors: [{matchBinaries: [{operator: In, values: ["\(workload)"]}]}]
                """
            )
        }

        private static let pointers: [(call: String, arguments: String, good: [String], bad: [String])] = [
            (
                "write", "{index: 1, type: char_buf, sizeArgIndex: 3}", ["write", "-1", "s:four", "4"],
                ["write", "-1", kernelAddress, "64"]
            ),
            (
                "openat", "{index: 1, type: string}", ["openat", "-1", "s:four", "0"],
                ["openat", "-1", kernelAddress, "0"]
            ),
            (
                "writev", "{index: 1, type: char_iovec, sizeArgIndex: 3}", ["writev", "-1", "v:fo|ur", "2"],
                ["writev", "-1", kernelAddress, "2"]
            ),
            (
                "writev", "{index: 1, type: char_iovec, sizeArgIndex: 3}", ["writev", "-1", "v:four", "1"],
                ["writev", "-1", "b:" + littleEndian(UInt64(kernelAddress.dropFirst(2), radix: 16) ?? 0, 64), "1"]
            ),
        ]

        @Test(arguments: 0..<4)
        func `What a process hands over is never read as memory of the kernel`(_ index: Int) throws {
            let (call, arguments, good, bad) = Self.pointers[index]
            let run = try HookRun()
            try add(call, arguments, to: run)
            var calls = Calls()
            calls.add(23, good)
            calls.add(19, bad)
            try calls.run()
            // What the workload itself opens and writes is neither.
            let told = run.calls().compactMap { $0.argument(0) }
            #expect(told.count { $0.marks == 0 && $0.payload == Array("four".utf8) } == 23)
            #expect(told.count { $0.marks == UInt32(MT_VALUE_UNREADABLE) && $0.payload.isEmpty } == 19)
            #expect(!told.contains { String(decoding: $0.payload, as: UTF8.self).contains("Linux version") })
        }

        /// One page at 0x10000000, and nothing behind it.
        private func calls(_ path: String, _ count: Int, _ step: [String]) -> Calls {
            var calls = Calls()
            calls.add(
                1,
                ["mmap", "0x10000000", "4096", "3", "0x100022", "-1", "0"],
                ["openat", "-100", "s:\(path)", "0"],
                ["pread64", "r:1", "0x10000000", "4096", "0"]
            )
            calls.add(count, step)
            return calls
        }

        @Test func `A buffer that is said to be longer than its memory is read to the end of its page`() throws {
            let folder = try TemporaryFolder()
            let bytes = (0..<4096).map { UInt8(truncatingIfNeeded: $0 * 7) }
            try Data(bytes).write(to: URL(filePath: folder("page")))
            let run = try HookRun()
            try add("write", "{index: 1, type: char_buf, sizeArgIndex: 3}", to: run)
            // The last 229 bytes of the page, and 4,000 as they are said to be.
            try calls(folder("page"), 23, ["write", "-1", "0x10000f1b", "4000"]).run()
            try calls(folder("page"), 19, ["write", "-1", "0x10000f1b", "229"]).run()
            try calls(folder("page"), 17, ["write", "-1", "0x10001000", "1"]).run()
            let told = run.calls().compactMap { $0.argument(0) }
            let end = Array(bytes.suffix(229))
            #expect(told.count { $0.marks == UInt32(MT_VALUE_TRUNCATED) && $0.payload == end } == 23)
            #expect(told.count { $0.marks == 0 && $0.payload == end } == 19)
            #expect(told.count { $0.marks == UInt32(MT_VALUE_UNREADABLE) && $0.payload.isEmpty } == 17)
        }
    }
}
