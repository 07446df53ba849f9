import Fixtures
import Model
import Testing

/// Numbers of processes come again; start times do not.
@Suite struct ProcessReuseTests {
    private let shell = Who(40, start: 4000)
    private let old = Who(41, start: 5000)
    private let new = Who(41, start: 9000)

    private var begin: [[UInt8]] {
        [
            Records.exec(shell, of: Who(1, start: 0), at: 4100, binary: "/bin/bash"),
            Records.fork(old, of: shell, at: 5000), Records.exec(old, of: shell, at: 5100, binary: "/bin/old"),
            Records.exit(old, at: 5200), Records.fork(new, of: shell, at: 9000),
            Records.exec(new, of: shell, at: 9100, binary: "/bin/new"),
        ]
    }

    private func binary(after late: [UInt8]...) throws -> String? {
        let lines = try Pipeline().json(begin + late + [Records.open(new, at: 9500)])
        return lines.last?.process_file.process.binary.text
    }

    @Test func theNumbersNewOwnerIsAProcessOfItsOwn() throws {
        #expect(try binary() == "/bin/new")
    }

    @Test func aLateEventOfTheOlderProcessIsNotToldToTheNewOne() throws {
        let lines = try Pipeline().json(begin + [Records.open(old, at: 5150)])
        #expect(lines.last?.process_file.process.flags.text == "miss")
        #expect(lines.last?.process_file.process.binary.isAbsent == true)
    }

    @Test func noLateEventOfTheOlderProcessTakesTheNewOnesPlace() throws {
        #expect(try binary(after: Records.open(old, at: 5150)) == "/bin/new")
        #expect(try binary(after: Records.exit(old, at: 5200)) == "/bin/new")
        #expect(try binary(after: Records.execFailed(old, at: 5150)) == "/bin/new")
        #expect(try binary(after: Records.fork(old, of: shell, at: 5000)) == "/bin/new")
        #expect(try binary(after: Records.exec(old, of: shell, at: 5160, binary: "/bin/older")) == "/bin/new")
        #expect(try binary(after: Records.snapshot(old, of: shell, at: 5160, binary: "/bin/older")) == "/bin/new")
    }

    @Test func aLateExecOfTheOlderProcessStillTellsItsOwn() throws {
        let lines = try Pipeline().json(begin + [Records.exec(old, of: shell, at: 5160, binary: "/bin/older")])
        #expect(lines.last?.process_exec.process.binary.text == "/bin/older")
        #expect(lines.last?.process_exec.parent.binary.text == "/bin/bash")
    }

    @Test func aForkThatComesAfterItsChildsExecDoesNotUndoIt() throws {
        #expect(try binary(after: Records.fork(new, of: shell, at: 9000)) == "/bin/new")
    }

    @Test func anExecThatComesAfterALaterOneDoesNotUndoIt() throws {
        let late = Records.exec(new, of: shell, at: 9050, binary: "/bin/between")
        #expect(try binary(after: late) == "/bin/new")
        #expect(try Pipeline().json(begin + [late]).last?.process_exec.process.binary.text == "/bin/between")
    }

    @Test func theOlderProcessDeathDoesNotBuryTheNewOne() throws {
        let lines = try Pipeline().json(begin + [Records.open(new, at: 60_000_000_000)])
        #expect(lines.last?.process_file.process.binary.text == "/bin/new")
    }

    @Test func aParentWhoseNumberCameAgainIsNotTakenForTheNewOne() throws {
        let child = Who(50, start: 5150)
        let lines = try Pipeline().json(begin + [Records.exec(child, of: old, at: 9300)])
        #expect(lines.last?.process_exec.parent.binary.isAbsent == true)
    }
}
