import Foundation
import Glibc
import Testing

extension Kernel {
    @Suite struct OpenCallTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        @Test func `23 opens of one file are 23 events, each with its process, parent and path`() throws {
            let file = try folder.write("x", to: "file")
            var pid: pid_t = 0
            let result = try AgentRun.around("open") { pid = try workload("open", "23", file).pid }
            let opens = result.events("process_file", pid: pid).filter { $0.text("path") == file }
            #expect(result.books.isAll(opens.count, of: 23))
            for open in opens {
                #expect(open.text("name") == file)
                #expect(open.text("operation") == "openat")
                #expect(open.text("flags") == "O_RDONLY")
                #expect(open.text("process.binary") == Machine.resolved(try Products.workload()))
                #expect(open.parentPid == Int(getpid()))
                #expect(open.text("process.parent_exec_id") == open.text("parent.exec_id"))
                #expect(open.number("result") ?? -1 >= 0)
                #expect(open.list("marks") == [])
            }
            #expect(result.books.totalLost == 0)
            #expect(result.books.unexplained == [])
        }

        @Test func `Opens of 8 threads at once are each told once, by its thread`() throws {
            let file = folder("file")
            let count = Machine.scaled(20011, least: 211)
            var pid: pid_t = 0
            let result = try AgentRun.around("open", ["--rings", "1"]) {
                pid = try workload("open-threads", "8", "\(count)", file).pid
            }
            let opens = result.events("process_file", pid: pid).filter { $0.text("name")?.hasPrefix(file) == true }
            #expect(result.books.isAll(opens.count, of: count))
            for (_, ofFile) in Dictionary(grouping: opens, by: { $0.text("name") }) {
                #expect(Set(ofFile.compactMap { $0.number("process.tid") }).count == 1)
            }
            #expect(result.books.unexplained == [])
        }

        @Test func `open, openat, openat2 and creat are told apart`() throws {
            let file = try folder.write("x", to: "file")
            let new = folder("new")
            var pid: pid_t = 0
            let result = try AgentRun.around("open") { pid = try workload("opens", file, "7", new).pid }
            let opens = result.events("process_file", pid: pid).filter { [file, new].contains($0.text("name")) }
            for operation in ["open", "openat", "openat2", "creat"] {
                #expect(opens.count { $0.text("operation") == operation } == 7, "\(operation)")
            }
            let created = opens.filter { $0.text("operation") == "creat" }
            #expect(created.allSatisfy { $0.text("path") == new && $0.text("mode") == "0600" })
            #expect(
                created.allSatisfy {
                    Set(($0.text("flags") ?? "").split(separator: "|")) == ["O_WRONLY", "O_CREAT", "O_TRUNC"]
                }
            )
            #expect(
                opens.filter { $0.text("operation") != "creat" }.allSatisfy {
                    !$0.has("mode") && $0.number("dfd") == -100
                }
            )
        }

        @Test func `Opens that fail are events with the error and without a path`() throws {
            let missing = folder("missing")
            var pid: pid_t = 0
            let result = try AgentRun.around("open") { pid = try workload("open-fail", "5", missing).pid }
            let opens = result.events("process_file", pid: pid).filter { $0.text("name") == missing }
            #expect(opens.count == 5)
            for open in opens {
                #expect(open.number("result") == Int(-ENOENT))
                #expect(open.text("error") == "ENOENT")
                #expect(!open.has("path"))
                #expect(!open.has("inode"))
            }
        }

        @Test func `Flags, modes and errors are those of the call`() throws {
            let file = folder("flags")
            var run: (pid: pid_t, outcome: Child.Outcome)?
            let result = try AgentRun.around("open") { run = try workload("open-flags", file) }
            let (pid, outcome) = try #require(run)
            let opens = result.events("process_file", pid: pid).filter { $0.text("name") == file }
            let expected: [(name: String, flags: Set<String>)] = [
                ("create", ["O_WRONLY", "O_CREAT", "O_EXCL"]), ("exists", ["O_WRONLY", "O_CREAT", "O_EXCL"]),
                ("path", ["O_RDONLY", "O_PATH"]), ("append", ["O_RDWR", "O_APPEND"]),
                ("nofollow", ["O_RDONLY", "O_NOFOLLOW", "O_CLOEXEC"]), ("truncate", ["O_WRONLY", "O_TRUNC"]),
                ("directory", ["O_RDONLY", "O_DIRECTORY"]), ("sync", ["O_RDWR", "O_SYNC", "O_NONBLOCK"]),
            ]
            try #require(opens.count == expected.count)
            for (open, (name, flags)) in zip(opens, expected) {
                // NAME=FLAGS,MODE,ERRNO
                let told = try #require(outcome.value(name)).split(separator: ",")
                #expect(Set((open.text("flags") ?? "").split(separator: "|").map(String.init)) == flags, "\(name)")
                #expect(open.text("mode") == (flags.contains("O_CREAT") ? String(told[1]) : nil), "\(name)")
                let error = try #require(Int(told[2]))
                #expect(error == 0 ? open.number("result") ?? -1 >= 0 : open.number("result") == -error, "\(name)")
                #expect(open.text("path") == (error == 0 ? file : nil), "\(name)")
            }
        }

        @Test func `A path relative to a directory descriptor is resolved, and the descriptor told`() throws {
            let file = try folder.write("x", to: "file")
            var run: (pid: pid_t, outcome: Child.Outcome)?
            let result = try AgentRun.around("open") { run = try workload("open-relative", folder.path, "file") }
            let (pid, outcome) = try #require(run)
            let opens = result.events("process_file", pid: pid).filter { $0.text("name") == "file" }
            #expect(opens.count == 1)
            #expect(opens.first?.text("path") == file)
            #expect(opens.first?.number("dfd") == outcome.number("dirfd"))
        }

        @Test func `openat2 tells what it may resolve, and unreadable arguments are absent and marked`() throws {
            let file = try folder.write("x", to: "file")
            var pid: pid_t = 0
            let result = try AgentRun.around("open") { pid = try workload("openat2-how", file).pid }
            let opens = result.events("process_file", pid: pid).filter { $0.text("operation") == "openat2" }
            try #require(opens.count == 2)
            #expect(opens[0].text("resolve") == "RESOLVE_NO_SYMLINKS")
            #expect(opens[0].text("path") == file)
            #expect(opens[1].text("error") == "EFAULT")
            #expect(opens[1].list("marks") == ["how_unreadable"])
            #expect(!opens[1].has("flags") && !opens[1].has("resolve") && !opens[1].has("mode"))
        }

        @Test func `A 32-bit call from a 64-bit process is read from its own registers and marked`() throws {
            let file = try folder.write("x", to: "file")
            let run = try AgentRun("open")
            let child = try Child([try Products.workload(), "open-int80", file])
            let outcome = try child.wait()
            let result = try run.stop()
            if outcome.code == 77 { try Test.cancel("\(outcome.errors)") }
            let opens = result.events("process_file", pid: child.pid).filter { $0.text("path") == file }
            #expect(opens.count == 1)
            #expect(opens.first?.text("operation") == "open")
            #expect(opens.first?.text("name") == file)
            #expect(opens.first?.list("marks") == ["compat"])
        }

        @Test func `A name that cannot be read is absent and marked`() throws {
            var pid: pid_t = 0
            let result = try AgentRun.around("open") { pid = try workload("open-nowhere").pid }
            let opens = result.events("process_file", pid: pid).filter { $0.text("error") == "EFAULT" }
            #expect(opens.count == 1)
            #expect(opens.first?.has("name") == false)
            #expect(opens.first?.list("marks") == ["name_unreadable"])
        }
    }
}
