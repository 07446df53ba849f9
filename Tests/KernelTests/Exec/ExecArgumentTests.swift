import Foundation
import Glibc
import Testing

extension Kernel {
    @Suite struct ExecArgumentTests {
        private func lastExec(_ options: [String] = [], _ arguments: String...) throws -> Event {
            var pid: pid_t = 0
            let child = [try Products.workload()] + arguments
            let result = try AgentRun.around("exec", options) {
                let child = try Child(child)
                pid = child.pid
                #expect(try child.wait().status == 0)
            }
            return try #require(result.events("process_exec", pid: pid).last)
        }

        @Test func `40 arguments of which each has 1 KiB are whole within the limit`() throws {
            let exec = try lastExec(["--args-limit", "65536"], "exec-args", "40", "1024", "/bin/true")
            #expect(exec.number("process.argc") == 41)
            let argv = exec.list("process.argv")
            #expect(argv.count == 41)
            for (index, argument) in argv.dropFirst().enumerated() {
                #expect(argument == String(format: "%06d", index + 1) + String(repeating: "x", count: 1018))
            }
            #expect(exec.list("process.marks") == [])
        }

        @Test func `By default at least 8 KiB of arguments are kept`() throws {
            let exec = try lastExec([], "exec-args", "8", "1023", "/bin/true")
            #expect(exec.list("process.argv").count == 9)
            #expect(exec.list("process.marks") == [])
        }

        @Test func `Arguments beyond the limit are cut and marked, and their true number told`() throws {
            let exec = try lastExec(["--args-limit", "4096"], "exec-args", "500", "100", "/bin/true")
            #expect(exec.number("process.argc") == 501)
            #expect(exec.list("process.marks") == ["args_truncated"])
            #expect(exec.flags.contains("truncArgs"))
            let argv = exec.list("process.argv")
            #expect(argv.reduce(0) { $0 + $1.utf8.count + 1 } >= 4095)
            #expect(argv.reduce(0) { $0 + $1.utf8.count + 1 } <= 4097)
            for (index, argument) in argv.dropFirst().dropLast().enumerated() {
                #expect(argument == String(format: "%06d", index + 1) + String(repeating: "x", count: 94))
            }
        }

        @Test func `A single argument longer than any limit is cut`() throws {
            let exec = try lastExec([], "exec-args", "1", "131000", "/bin/true")
            #expect(exec.number("process.argc") == 2)
            #expect(exec.list("process.marks") == ["args_truncated"])
            #expect(exec.list("process.argv").last?.hasPrefix("000001xxx") == true)
        }

        @Test func `Empty arguments stay arguments`() throws {
            var pid: pid_t = 0
            let result = try AgentRun.around("exec") { pid = try Child.run("/bin/true", "", "a b", "").pid }
            let exec = try #require(result.events("process_exec", pid: pid).last)
            #expect(exec.list("process.argv") == ["/bin/true", "", "a b", ""])
            // as Tetragon writes it: only spaces bring quotes
            #expect(exec.text("process.arguments") == #" "a b" "#)
            #expect(exec.number("process.argc") == 4)
        }

        @Test(arguments: [1, 100, 4095, 5000])
        func `Arguments ending right before an unmapped page are whole`(size: Int) throws {
            let exec = try lastExec([], "exec-border", "/bin/true", "\(size)")
            let argv = exec.list("process.argv")
            #expect(argv.count == 2)
            #expect(argv.last?.utf8.count == size)
            #expect(exec.list("process.marks") == [])
        }

        @Test func `Arguments with bytes that are no UTF-8 are escaped and marked`() throws {
            var pid: pid_t = 0
            let result = try AgentRun.around("exec") {
                pid = try shell(#"exec /bin/true "$(printf 'a\377\033\nb')""#).pid
            }
            let exec = try #require(result.events("process_exec", pid: pid).last)
            #expect(exec.list("process.argv").last == #"a\xff"# + "\u{1b}\nb")
            #expect(exec.list("process.escaped").contains("arguments"))
            #expect(exec.list("process.escaped_details").contains("argv"))
        }

        @Test func `The environment is told by allowed names only, and nothing else of it is kept`() throws {
            let folder = try TemporaryFolder()
            let recording = folder("recording")
            let secret = "secret-\(UUID().uuidString)"
            var pid: pid_t = 0
            let options = ["--env", "MARTLET_TOLD", "--env", "MARTLET_EMPTY", "--record", recording]
            let result = try AgentRun.around("exec", options) {
                let child = try Child(
                    ["/bin/true"],
                    environment: [
                        "MARTLET_TOLD": "yes=1", "MARTLET_EMPTY": "", "MARTLET_TOLD_NOT": secret, "MARTLET": secret,
                    ]
                )
                pid = child.pid
                _ = try child.wait()
            }
            let exec = try #require(result.events("process_exec", pid: pid).last)
            let told = exec.objects("process.environment_variables").map { "\($0["Key"] ?? "")=\($0["Value"] ?? "")" }
            #expect(Set(told) == ["MARTLET_TOLD=yes=1", "MARTLET_EMPTY="])
            #expect(!result.outcome.output.contains(secret))
            let kept = try Child.run("/bin/sh", "-c", "gzip -dcf < \(recording) | grep -ac '\(secret)'; true").outcome
                .output
            #expect(kept == "0\n")
            let raw = try #require(FileManager.default.contents(atPath: recording))
            #expect(raw.range(of: Data(secret.utf8)) == nil)
        }

        @Test func `Without --env no environment is told`() throws {
            let secret = "secret-\(UUID().uuidString)"
            let result = try AgentRun.around("exec") {
                _ = try Child(["/bin/true"], environment: ["MARTLET_TOLD": secret]).wait()
            }
            #expect(!result.outcome.output.contains(secret))
            #expect(!result.outcome.output.contains("environment_variables"))
        }
    }
}
