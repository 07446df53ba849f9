import BPF
import Foundation
import Glibc
import Testing

extension Kernel {
    /// Files that are mapped to be executed.
    @Suite struct LoaderTests {
        private func buildID(of path: String) throws -> String? {
            let file = try #require(FileHandle(forReadingAtPath: path))
            return try ELFFile(descriptor: file.fileDescriptor).buildID().map { Data($0).base64EncodedString() }
        }

        @Test(.enabled(if: KernelFunctions.canBeHooked, "this kernel has no kprobes and no fentry"))
        func `A program and its libraries are told as they are mapped, with their build ids`() throws {
            let folder = try TemporaryFolder()
            let file = try folder.write(PolicyFile.text("loaded", "  loader: true"), to: "policy.yaml")
            var pid: pid_t = 0
            let result = try AgentRun.around("loader", ["--policy", file]) { pid = try Child.run("/bin/true").pid }
            #expect(!result.outcome.errors.contains("is not watched"), "\(result.outcome.errors)")
            #expect(result.books.unexplained == [])
            let own = result.events("process_loader", pid: pid)
            let program = Machine.resolved("/bin/true")
            let paths = own.compactMap { $0.text("path") }
            #expect(paths.count { $0 == program } == 1)
            #expect(paths.contains { $0.contains("/ld-") || $0.hasPrefix("/usr/lib/ld") || $0.contains("ld-linux") })
            #expect(paths.contains { $0.hasSuffix("/libc.so.6") || $0.contains("/libc-2.") })
            #expect(own.allSatisfy { $0.policy == "loaded" })
            for event in own {
                let path = try #require(event.text("path"))
                #expect(try buildID(of: path) == event.text("buildid"), "\(path)")
            }
        }

        @Test(.enabled(if: KernelFunctions.canBeHooked, "this kernel has no kprobes and no fentry"))
        func `Files that are mapped to be read, and memory of no file, are not told`() throws {
            let folder = try TemporaryFolder()
            let file = try folder.write(PolicyFile.text("loaded", "  loader: true"), to: "policy.yaml")
            let data = try folder.write("no program", to: "data")
            var pid: pid_t = 0
            // mmap(0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), then of a file: read, and executed.
            let line = """
                syscall(9, 0, 4096, 5, 0x22, -1, 0) for 1..5; open F, "<", "\(data)";
                syscall(9, 0, 4096, 1, 2, fileno(F), 0) for 1..3; syscall(9, 0, 4096, 5, 2, fileno(F), 0) for 1..7;
                """
            let result = try AgentRun.around("loader", ["--policy", file]) {
                pid = try shell("exec perl -e '\(line)'").pid
            }
            let own = result.events("process_loader", pid: pid)
            #expect(own.count { $0.text("path") == Machine.resolved(data) } == 7)
            #expect(own.filter { $0.text("path") == Machine.resolved(data) }.allSatisfy { !$0.has("buildid") })
            #expect(own.allSatisfy { $0.text("path")?.hasPrefix("/") == true })
        }
    }
}
