import Fixtures
import Model
import Testing

/// Who an event belongs to, told by life-cycle records alone.
@Suite struct ProcessChainTests {
    private let system = Who(1, start: 0)
    private let shell = Who(40, start: 4000)
    private let child = Who(41, start: 5000)

    /// The process and parent of the last event.
    private func last(_ records: [UInt8]...) throws -> (process: JSON, parent: JSON) {
        let line = try #require(try Pipeline().json(records).last)
        let name = try #require(line.keys.subtracting(["node_name", "time"]).first)
        return (line[name].process, line[name].parent)
    }

    private var shellExec: [UInt8] {
        Records.exec(shell, of: system, at: 4100, binary: "/bin/bash", args: ["bash", "-l"])
    }

    @Test func aForkedProcessRunsWhatItsParentRan() throws {
        let (process, parent) = try last(shellExec, Records.fork(child, of: shell, at: 5000))
        #expect(process.pid.number == 41)
        #expect(process.binary.text == "/bin/bash")
        #expect(process.arguments.text == "-l")
        #expect(process.flags.text == "clone")
        #expect(parent.pid.number == 40)
        #expect(process.parent_exec_id.text == parent.exec_id.text)
        #expect(process.exec_id.text != parent.exec_id.text)
    }

    @Test func aForkExecAndExitAreOneProcess() throws {
        let pipeline = Pipeline()
        let lines = try pipeline.json([
            shellExec, Records.fork(child, of: shell, at: 5000),
            Records.exec(child, of: shell, at: 5100, binary: "/bin/ls", args: ["ls", "/"]),
            Records.open(child, at: 5200),
            Records.exit(child, at: 5300),
        ])
        let exec = lines[2].process_exec
        #expect(exec.process.flags.text == "execve clone")
        #expect(exec.parent.binary.text == "/bin/bash")
        for event in [lines[3].process_file, lines[4].process_exit] {
            #expect(event.process.exec_id.text == exec.process.exec_id.text)
            #expect(event.process.binary.text == "/bin/ls")
            #expect(event.parent.exec_id.text == exec.parent.exec_id.text)
        }
        #expect(pipeline.processCount == 2)
    }

    @Test func theParentIsTheOneThatRanWhenTheChildWasForked() throws {
        let pipeline = Pipeline()
        let lines = try pipeline.json([
            shellExec, Records.fork(child, of: shell, at: 5000),
            Records.exec(shell, of: system, at: 5050, binary: "/bin/other"), Records.open(child, at: 5200),
        ])
        #expect(lines[3].process_file.parent.binary.text == "/bin/bash")
    }

    @Test func anExecWhoseForkWasMissedHasItsParentFromTheRecord() throws {
        let (process, parent) = try last(shellExec, Records.exec(child, of: shell, at: 5100))
        #expect(process.flags.text == "execve")
        #expect(parent.pid.number == 40)
        #expect(parent.binary.text == "/bin/bash")
    }

    @Test func anExecWhoseParentNobodyKnowsStillNamesIt() throws {
        let (process, parent) = try last(Records.exec(child, of: shell, at: 5100))
        #expect(parent.pid.number == 40)
        #expect(parent.flags.text == "miss")
        #expect(parent.binary.isAbsent)
        #expect(process.parent_exec_id.text == parent.exec_id.text)
    }

    @Test func aProcessOfTheKernelsOwnHasNoParent() throws {
        let (process, parent) = try last(Records.exec(system, of: Who(0, start: 0), at: 1))
        #expect(parent.isAbsent && process.parent_exec_id.isAbsent)
    }

    @Test func aSecondExecKeepsTheRealParent() throws {
        let pipeline = Pipeline()
        let lines = try pipeline.json([
            shellExec, Records.fork(child, of: shell, at: 5000),
            Records.exec(child, of: shell, at: 5100, binary: "/bin/env"),
            // Its parent has gone meanwhile, and init has taken it over.
            Records.exec(child, of: system, at: 5200, binary: "/bin/ls"), Records.exit(child, at: 5300),
        ])
        let (first, second) = (lines[2].process_exec, lines[3].process_exec)
        #expect(second.parent.pid.number == 40)
        #expect(second.process.flags.text == "execve")
        #expect(first.process.exec_id.text != second.process.exec_id.text)
        #expect(lines[4].process_exit.process.binary.text == "/bin/ls")
        #expect(pipeline.processCount == 2)
    }

    @Test func aMissedProcessIsMarkedAndHasOneNameForAllItsEvents() throws {
        let lines = try Pipeline().json([Records.open(child, at: 5200), Records.exit(child, at: 5300)])
        let process = lines[0].process_file.process
        #expect(process.flags.text == "miss")
        #expect(process.pid.number == 41)
        #expect(process.binary.isAbsent && process.uid.isAbsent && process.cwd.isAbsent)
        #expect(lines[1].process_exit.process.exec_id.text == process.exec_id.text)
    }

    @Test func aForkOfAMissedParentNamesIt() throws {
        let (process, parent) = try last(Records.fork(child, of: shell, at: 5000))
        #expect(parent.flags.text == "miss")
        #expect(parent.pid.number == 40)
        #expect(process.parent_exec_id.text == parent.exec_id.text)
    }

    @Test func aThreadsEventHasItsOwnTidAndTheProcess() throws {
        let (process, _) = try last(shellExec, Records.open(shell, at: 4200) { $0.header.tid = 44 })
        #expect(process.pid.number == 40)
        #expect(process.tid.number == 44)
    }

    @Test func anExecOfAnotherThreadNamesIt() throws {
        let (process, _) = try last(Records.exec(shell, of: system, at: 1) { $0.body.old_tid = 45 })
        #expect(process.old_tid.number == 45)
        let (leader, _) = try last(Records.exec(shell, of: system, at: 1) { $0.body.old_tid = 40 })
        #expect(leader.old_tid.isAbsent)
    }
}
