import BPF
import Foundation
import Glibc
import Testing

extension KernelObjects {
    @Suite struct ProgramTests {
        @Test func `A program that the verifier refuses is told with the lines that decide`() throws {
            let error = #expect(throws: BPFError.self) { _ = try BPFObject(RefusedSkeleton.self).load() }
            let text = try #require(error).description
            #expect(text.contains("cannot load BPF object refused"))
            // R0 or another register, by whatever this kernel's verifier calls it
            #expect(
                error?.log.contains { $0.contains("memory") || $0.contains("unbounded") || $0.contains("outside") }
                    == true,
                "\(text)"
            )
            #expect((1...3).contains(error?.log.count ?? 0), "\(text)")
        }

        @Test func `The verifier's work is told for every program`() throws {
            var told: [String: Int] = [:]
            let loaded = try BPFObject(FixtureSkeleton.self).load { told[$0] = $1 }
            #expect(Set(told.keys) == ["count", "send"])
            #expect(told.values.allSatisfy { $0 > 5 && $0 < 10000 })
            let known = try loaded.program(.count).information.verifiedInstructions
            if let known { #expect(told["count"] == Int(known)) }
        }

        @Test func `A program that is re-entered counts what the kernel left out`() throws {
            // Before 5.13 the helper holds a lock while it tells of itself, and would wait for itself.
            guard access("/sys/kernel/btf/vmlinux", R_OK) == 0, Self.isAtLeast(6, 1) else {
                try Test.cancel("bpf_trace_printk cannot re-enter itself before 6.1")
            }
            let loaded = try BPFObject(ReentrySkeleton.self).load()
            let again = try loaded.program(.again)
            let link = try again.attach()
            for _ in 0..<23 { _ = try loaded.program(.start).run() }
            #expect(try again.information.recursionMisses == 23)
            let runs = try loaded.zeroData.runs
            #expect(runs == 23)
            _ = consume link
        }

        @Test func `What a program costs is measured for as long as somebody asks for it`() throws {
            let loaded = try BPFObject(ReentrySkeleton.self).load()
            _ = try loaded.program(.start).run()
            let sysctl = try? String(contentsOfFile: "/proc/sys/kernel/bpf_stats_enabled", encoding: .utf8)
            guard sysctl?.hasPrefix("0") ?? true else { try Test.cancel("somebody has this kernel measure always") }
            #expect(try loaded.program(.start).information.runs == 0)
            do {
                let measuring = try BPFRunTime()
                for _ in 0..<5 { _ = try loaded.program(.start).run() }
                _ = consume measuring
            }
            let information = try loaded.program(.start).information
            #expect(information.runs == 5 && information.runTime > 0)
            _ = try loaded.program(.start).run()
            #expect(try loaded.program(.start).information.runs == 5)
        }

        @Test func `Features are told as they are`() {
            #expect(BPFFeature.btf.probe() == nil)
            #expect(BPFFeature.ringBuffer.probe() == nil)
            #expect(BPFFeature.rawTracepoint.probe() == nil)
            #expect(BPFFeature.tracing.probe() == nil)
            #expect((BPFFeature.copyFromUserTask.probe() == nil) == Self.isAtLeast(5, 18))
        }

        @Test func `A link lets go of its hook when it goes`() throws {
            guard Self.isAtLeast(6, 1) else { try Test.cancel("as above") }
            let loaded = try BPFObject(ReentrySkeleton.self).load()
            do { _ = try loaded.program(.again).attach() }
            _ = try loaded.program(.start).run()
            #expect(try loaded.zeroData.runs == 0)
        }

        private static func isAtLeast(_ major: Int, _ minor: Int) -> Bool {
            var names = utsname()
            uname(&names)
            let release = withUnsafeBytes(of: names.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
            return numbers.count == 2 && (numbers[0], numbers[1]) >= (major, minor)
        }
    }
}
