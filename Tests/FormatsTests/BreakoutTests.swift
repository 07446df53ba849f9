import CWire
import Fixtures
import Formats
import Model
import Testing

/// Breakouts as text: how the file was reached, and all that an open tells.
@Suite struct BreakoutTests {
    private let shell = Who(40, start: 4000)

    private func event(_ record: [UInt8]) throws -> JSON {
        try #require(try Pipeline().json([record]).first).process_breakout
    }

    @Test func anOpenTellsItsWayAndItsFile() throws {
        let event = try event(Records.breakout(shell, at: 1))
        #expect(event.way.text == "namespace")
        #expect(event.mnt_ns.number == 4_026_531_841)
        #expect(event.operation.text == "openat")
        #expect(event.name.text == "/proc/1/root/etc/shadow")
        #expect(event.path.text == "/etc/shadow")
        #expect(event.flags.text == "O_RDONLY")
        #expect(event.result.number == 3)
        #expect(event.inode.text == "99")
        #expect(event.device.text == "8:2")
        #expect(event.permission.text == "-rw-r-----")
        #expect(event.process.pid.number == 40)
        #expect(event.marks.isAbsent)
    }

    @Test func anExecHasNoFlagsAndNoDescriptor() throws {
        let event = try event(
            Records.breakout(shell, at: 1, way: 2) { $0.body.open.call = UInt16(MT_EXECUTED.rawValue) }
        )
        #expect(event.way.text == "bind")
        #expect(event.operation.text == "execve")
        for absent in ["flags", "mode", "dfd", "result", "resolve"] { #expect(event[absent].isAbsent, "\(absent)") }
        #expect(event.path.text == "/etc/shadow")
    }

    @Test func theLineForPeopleNamesTheWay() {
        let exec = Records.breakout(shell, at: 2, way: 2) { $0.body.open.call = UInt16(MT_EXECUTED.rawValue) }
        #expect(
            Pipeline().compact([Records.breakout(shell, at: 1)]).joined().contains(" /etc/shadow O_RDONLY namespace")
        )
        #expect(Pipeline().compact([exec]).joined().contains(" execve /etc/shadow bind"))
    }
}
