import BPF
import Foundation
import Glibc
import Testing

extension Kernel {
    @Suite struct KernelLossTests {
        /// The number that the loss events of a run say for one kind and reason.
        private func told(_ result: AgentRun.Result, _ kind: String, _ reason: String) -> Int {
            result.events.filter { $0.kind == "loss" && $0.text("event") == kind && $0.text("reason") == reason }
                .reduce(0) { $0 + (Int($1.text("count") ?? "") ?? 0) }
        }

        @Test func `A reader that stands still loses by full rings exactly what it did not write`() throws {
            let opens = Machine.scaled(10007, least: 2003)
            let run = try AgentRun("open,loss", ["--ring-size", "64K", "--rings", "1"])
            run.child.signal(SIGSTOP)
            let (pid, _) = try workload("open", "\(opens)", "/etc/hostname")
            run.child.signal(SIGCONT)
            let result = try run.stop()
            let row = result.books.row("open")
            #expect(row.produced == row.written + row.filtered + row.lost)
            #expect(Set(result.books.lost.keys) == ["ring_full"])
            #expect(result.books.lost["ring_full"] == row.lost)
            #expect(row.lost > opens / 2)
            #expect(told(result, "open", "ring_full") == row.lost)
            // whatever else opened files meanwhile is in the sums as well
            #expect(result.events("process_file", pid: pid).count < opens)
            #expect(result.events.count { $0.kind == "process_file" } == row.written)
        }

        @Test func `A flood of opens costs no process its events`() throws {
            let run = try AgentRun("fork,exec,exit,open,loss", ["--ring-size", "64K", "--rings", "1"])
            run.child.signal(SIGSTOP)
            let (pid, _) = try workload("exec", "23", try Products.workload(), "open", "503", "/etc/hostname")
            run.child.signal(SIGCONT)
            let result = try run.stop()
            for kind in ["process_fork", "process_exec", "process_exit"] {
                #expect(result.children(kind, of: pid).count == 23, "\(kind)")
            }
            #expect(told(result, "open", "ring_full") == result.books.row("open").lost)
            #expect(result.books.row("open").lost > 0)
            #expect(result.books.row("exec").lost == 0)
        }

        @Test(arguments: [("open", "open"), ("exec-failed", "exec-fail")])
        func `A record without a scratch buffer is lost by scratch_busy, to the event`(kind: String, command: String)
            throws
        {
            let run = try AgentRun("\(kind),loss")
            // Every observation has its own map of that name; exec's and the wanted one's are there.
            var marked = 0
            for id in try BPFObjects(of: run.child.pid).maps {
                guard let map = ForeignMap(id: id), map.name == "scratch" else { continue }
                let isSet = map.setFirstWord(1)
                #expect(isSet)
                marked += 1
            }
            #expect(marked == 2)
            let (pid, _) = try workload(command, "211", kind == "open" ? "/etc/hostname" : "/nonexistent")
            let result = try run.stop()
            let row = result.books.row(kind)
            // what others did before the buffers were taken is written
            #expect(row.produced == row.written + row.filtered + row.lost)
            #expect(row.lost >= 211)
            #expect(told(result, kind, "scratch_busy") == row.lost)
            #expect(Set(result.books.lost.keys) == ["scratch_busy"])
            #expect(result.events.allSatisfy { $0.pid != Int(pid) })
            // execs are produced for the process table: their buffers were taken as well
            #expect(result.books.lost["scratch_busy"] == row.lost + result.books.row("exec").lost)
            #expect(result.books.unexplained == [])
        }
    }
}
