import CWire
import Fixtures
import Formats
import Model
import Testing

/// What bpfd's events tell by which key.
@Suite struct BPFDKeyTests {
    private let shell = Who(40, start: 4000)
    private let first = Who(1, start: 0)

    /// The texts of the last of these records' events, by all of bpfd's keys that it has, read in both ways.
    private func data(_ records: [UInt8]...) throws -> [String: String] {
        let batch = Pipeline().batch([Records.snapshot(first, of: Who(0, start: 0), at: 1)] + records)
        let event = try #require(batch.events.last)
        let record = batch.record(event)
        let tracer = try #require(BPFDTracer(event.kind))
        var scratch = TextBuffer(capacity: 16)
        var data: [String: String] = [:]
        for key in BPFDKey.allCases {
            let text = key.text(event, record, &scratch).map { String(decoding: $0, as: UTF8.self) }
            var appended = TextBuffer(capacity: 16)
            appended.append("before:")
            let has = key.append(event, record, to: &appended)
            #expect(has == (text != nil))
            #expect(String(decoding: appended.bytes, as: UTF8.self) == "before:\(text ?? "")")
            #expect(tracer.keys.contains(key) || text == nil, "\(key.name)")
            data["\(key.name)"] = text
        }
        return data
    }

    @Test func anExecHasItsFileAndArgumentsJoinedByOneSpace() throws {
        let exec = Records.exec(shell, of: first, at: 10, binary: "/usr/bin/cat", args: ["cat", "a b", "c"]) {
            $0.body.credentials.uid = 1000
            $0.body.credentials.gid = 100
        }
        let expected = [
            "argv": "/usr/bin/cat a b c", "type": "1", "command": "cat", "returnval": "0", "pid": "40", "ppid": "1",
            "uid": "1000", "gid": "100",
        ]
        #expect(try data(exec) == expected)
    }

    @Test func argumentsAloneDoWhereTheFileIsNotKnown() throws {
        let exec = Records.exec(shell, of: first, at: 10, args: ["cat", "x"]) { $0.body.filename = mt_str() }
        #expect(try data(exec)["argv"] == "cat x")
        let none = Records.exec(shell, of: first, at: 10, args: [])
        #expect(try data(none)["argv"] == "/usr/bin/true")
    }

    @Test func anExecThatFailedTellsItsError() throws {
        let exec = Records.exec(shell, of: first, at: 10, binary: "/usr/bin/bash")
        let failed = try data(exec, Records.execFailed(shell, at: 20))
        #expect(failed["argv"] == "/no/such one two" && failed["returnval"] == "-2" && failed["command"] == "bash")
    }

    @Test func anOpenHasTheNameAsItWasGiven() throws {
        let exec = Records.exec(shell, of: first, at: 10, binary: "/usr/bin/cat")
        let expected = [
            "filename": "../motd", "command": "cat", "returnval": "3", "pid": "40", "ppid": "1", "uid": "0", "gid": "0",
        ]
        #expect(try data(exec, Records.open(shell, at: 20, name: "../motd")) == expected)
    }

    @Test func aLineThatWasTypedIsTheCommand() throws {
        let exec = Records.exec(shell, of: first, at: 10, binary: "/usr/bin/bash")
        let typed = try data(exec, Records.shell(shell, at: 20, line: Array("sudo -i".utf8)))
        #expect(typed["command"] == "sudo -i" && typed["filename"] == nil && typed["argv"] == nil)
    }

    @Test func tracersAndKeysAreFoundByTheirNames() {
        for tracer in BPFDTracer.allCases { #expect(BPFDTracer(name: "\(tracer.name)") == tracer) }
        for key in BPFDKey.allCases { #expect(BPFDKey(name: "\(key.name)") == key) }
        #expect(BPFDTracer(name: "Exec") == nil && BPFDKey(name: "") == nil)
        for kind in EventKind.allCases {
            #expect(BPFDTracer.allKinds.contains(kind) == (BPFDTracer(kind) != nil))
            if let tracer = BPFDTracer(kind) { #expect(tracer.kinds.contains(kind)) }
        }
    }
}
