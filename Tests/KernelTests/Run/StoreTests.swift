import Foundation
import Glibc
import Testing

extension Kernel {
    /// Real events into a store, and out of it again.
    @Suite struct StoreTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        private func query(_ arguments: String...) throws -> Child.Outcome {
            try Child([try Products.martlet(), "query", "--store", folder("events.db")] + arguments).wait()
        }

        @Test func `Of 23 opens a query finds exactly 23, by filter and by SQL`() throws {
            let run = try AgentRun("open", ["--sink", "sqlite:\(folder("events.db"))"])
            let (pid, _) = try workload("open", "23", "/etc/hostname")
            let outcome = try run.stop().outcome
            #expect(outcome.code == 0)
            #expect(Books(outcome.errors).unexplained == [])
            let found = try query("--since", "1m", "--path", "/etc/hostname", "--pid", "\(pid)", "-o", "json")
            let events = try AgentRun.parse(found.output)
            #expect(events.count == 23)
            #expect(events.allSatisfy { $0.kind == "process_file" && $0.text("path") == "/etc/hostname" })
            let counted = try query(
                "--sql",
                "SELECT count(*) AS n FROM files WHERE pid = \(pid) AND path = '/etc/hostname'"
            )
            #expect(counted.output == " N\n23\n" || counted.output == "N\n23\n", "\(counted.output)")
        }

        @Test func `A store beside standard output holds the same lines, and the books of both add up`() throws {
            let run = try AgentRun("exec,exit,open", ["--sink", "stdout", "--sink", "sqlite:\(folder("events.db"))"])
            try shell("for i in 1 2 3 4 5; do /bin/true; done; $WORKLOAD open 1009 /etc/hostname")
            // A reader is not in the way of the writer.
            #expect(try query("--last", "1").code == 0)
            let result = try run.stop()
            #expect(result.outcome.code == 0)
            #expect(result.books.unexplained == [])
            #expect(result.books.totalLost == 0)
            let total = result.books.rows.values.reduce(0) { $0 + $1.written }
            #expect(result.outcome.errors.contains("\(folder("events.db")): \(total) written, 0 lost"))
            let stored = try query("--event", "exec,exit,open", "-o", "json").output
            let sorted = { (text: String) in text.split(separator: "\n").sorted() }
            #expect(sorted(stored) == sorted(result.outcome.output))
        }

        @Test func `Another program that locks the store costs no event once it lets go`() throws {
            let run = try AgentRun("open", ["--sink", "sqlite:\(folder("events.db"))"])
            let holder = try Child([
                "/usr/bin/python3", "-c",
                """
                import sqlite3, sys, time
                store = sqlite3.connect(sys.argv[1], isolation_level=None)
                store.execute("BEGIN IMMEDIATE")
                print("locked", flush=True)
                time.sleep(2)
                """, folder("events.db"),
            ])
            #expect(eventually { holder.output.contains("locked") })
            let (pid, _) = try workload("open", "2003", "/etc/hostname")
            _ = try holder.wait()
            let books = try run.stop().books
            #expect(books.totalLost == 0)
            let counted = try query("--pid", "\(pid)", "--path", "/etc/hostname", "-o", "json")
            #expect(try AgentRun.parse(counted.output).count == 2003)
        }
    }
}
