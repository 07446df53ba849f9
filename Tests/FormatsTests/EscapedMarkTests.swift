import CWire
import Fixtures
import Testing

/// Who reads an escaped text is told that it is one, by the names of its fields, in the object that holds them.
@Suite struct EscapedMarkTests {
    private let bad: [UInt8] = [0x2f, 0xff]
    private let child = Who(8, start: 80)

    private var exec: [UInt8] {
        Records.exec(Texts.who, of: Who(1, start: 0), at: 1) {
            $0.body.binary.text = $0.text(bad)
            $0.body.cwd.text = $0.text(bad)
            $0.body.filename = $0.text(bad)
            $0.body.env = $0.text(Array("A=".utf8) + bad + [0] + Array("B=".utf8))
            $0.body.cgroup = $0.text(bad)
            $0.body.tty = $0.text(bad)
            $0.body.interpreter = $0.text(bad)
        }
    }

    @Test func aProcessNamesItsEscapedFields() throws {
        let process = try #require(try Pipeline().json([exec]).first).process_exec.process
        #expect(process.binary.text == #"/\xff"#)
        #expect(process.escaped.texts == ["cwd", "binary"])
        #expect(
            process.escaped_details.texts == ["filename", "interpreter", "environment_variables", "tty", "cgroup"]
        )
        #expect(process.environment_variables.list.map(\.Value.text) == [#"/\xff"#, ""])
    }

    @Test func everyEventOfAProcessCarriesItsMarks() throws {
        let lines = try Pipeline().json([
            exec, Records.open(Texts.who, at: 2), Records.fork(child, of: Texts.who, at: 3),
        ])
        #expect(lines[1].process_file.process.escaped.texts == ["cwd", "binary"])
        #expect(lines[1].process_file.escaped.isAbsent)
        #expect(lines[2].process_fork.process.escaped.texts == ["cwd", "binary"])
        #expect(lines[2].process_fork.parent.escaped.texts == ["cwd", "binary"])
    }

    @Test func anEventNamesItsOwn() throws {
        let record = Records.open(Texts.who, at: 1) {
            $0.body.name = $0.text(bad)
            $0.body.path.text = $0.text(bad)
        }
        let event = try #require(try Pipeline().json([record]).first).process_file
        #expect(event.escaped.texts == ["name", "path"])
        #expect(event.process.escaped.isAbsent)
    }

    @Test func aFailedExecNamesItsOwn() throws {
        var record = RecordBytes(mt_exec_failed(), .execFailed, Texts.who, at: 1)
        record.body.result = -2
        record.body.filename = record.text(bad)
        record.body.args = record.text(bad + [0])
        let event = try #require(try Pipeline().json([record.bytes]).first).process_exec_failed
        #expect(event.escaped.texts == ["filename", "argv"])
        #expect(event.argv.texts == [#"/\xff"#])
    }

    @Test func aCommIsEscapedToo() throws {
        let record = Records.exec(Texts.who, of: Who(1, start: 0), at: 1) { record in
            withUnsafeMutableBytes(of: &record.body.comm) { $0.storeBytes(of: 0x80, as: UInt8.self) }
        }
        let process = try #require(try Pipeline().json([record]).first).process_exec.process
        #expect(process.comm.text == #"\x80rue"#)
        #expect(process.escaped_details.texts == ["comm"])
    }
}
