import Fixtures
import Model
import Testing

/// The kernel's count of execs tells which execution a record is of, also when the exec itself did not come.
@Suite struct LostExecTests {
    private let system = Who(1, start: 0)
    private let shell = Who(40, start: 4000)
    private let child = Who(41, start: 5000)

    private func lines(_ records: [UInt8]...) throws -> [JSON] { try Pipeline().json(records) }

    private var shellExec: [UInt8] {
        Records.exec(shell, of: system, at: 4100, binary: "/bin/bash", args: ["bash"])
    }

    private func open(at time: UInt64, execs: UInt16) -> [UInt8] {
        Records.open(child, at: time) { $0.header.execs = execs }
    }

    @Test func afterALostExecTheProgramIsUnknownAndNotTheParents() throws {
        let fork = Records.fork(child, of: shell, at: 5000)
        let process = try #require(try lines(shellExec, fork, open(at: 5200, execs: 1)).last).process_file.process
        #expect(process.binary.text == nil)
        #expect(process.arguments.text == nil)
        #expect(process.flags.text == "miss")
        #expect(process.pid.number == 41)
    }

    @Test func itsParentIsStillKnown() throws {
        let fork = Records.fork(child, of: shell, at: 5000)
        let event = try #require(try lines(shellExec, fork, open(at: 5200, execs: 1)).last).process_file
        #expect(event.parent.binary.text == "/bin/bash")
    }

    @Test func anEventOfBeforeTheExecThatComesAfterItIsNotTheNewPrograms() throws {
        let exec = Records.exec(child, of: shell, at: 5100, binary: "/bin/ls") { $0.header.execs = 1 }
        let all = try lines(shellExec, exec, open(at: 5050, execs: 0), open(at: 5200, execs: 1))
        #expect(all.dropLast().last?.process_file.process.flags.text == "miss")
        #expect(all.last?.process_file.process.binary.text == "/bin/ls")
    }

    @Test func theCountMayWrapAround() throws {
        let exec = Records.exec(child, of: shell, at: 5100, binary: "/bin/ls") { $0.header.execs = .max }
        let all = try lines(shellExec, exec, open(at: 5200, execs: .max), open(at: 5300, execs: 0))
        #expect(all.dropLast().last?.process_file.process.binary.text == "/bin/ls")
        #expect(all.last?.process_file.process.flags.text == "miss")
    }
}
