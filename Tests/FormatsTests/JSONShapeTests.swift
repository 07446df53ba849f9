import CWire
import Fixtures
import Foundation
import Model
import Testing

/// The lines as a whole: Tetragon's names in Tetragon's places.
@Suite struct JSONShapeTests {
    private func events() throws -> [String: JSON] {
        let lines = try Pipeline(node: "node-1").json(Records.ofEachKind())
        return Dictionary(
            lines.map { line in (line.keys.subtracting(["node_name", "time"]).first ?? "none", line) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    @Test func everyLineHoldsOneEventItsTimeAndItsNode() throws {
        for (name, line) in try events() {
            #expect(line.keys == [name, "node_name", "time"])
            #expect(line.node_name.text == "node-1")
            #expect(line.time.text?.hasSuffix("Z") == true)
        }
    }

    @Test func theKeysOfEventsAreTetragonsOrAlike() throws {
        #expect(
            Set(try events().keys) == [
                "process_fork", "process_exec", "process_exec_failed", "process_exit", "process_file", "heartbeat",
                "process_snapshot", "process_tcp", "loss", "process_shell", "container", "process_kprobe",
                "process_tracepoint", "process_uprobe", "process_usdt", "process_lsm", "process_loader",
                "process_tcp_drop", "process_breakout",
            ]
        )
    }

    @Test func anExecTellsAllOfItsProcess() throws {
        let event = try #require(try events()["process_exec"]).process_exec
        let process = event.process
        #expect(process.pid.number == 41)
        #expect(process.tid.number == 41)
        #expect(process.uid.number == 1000)
        #expect(process.cwd.text == "/srv")
        #expect(process.binary.text == "/usr/bin/cat")
        #expect(process.arguments.text == #""two words" ü"#)
        #expect(process.flags.text == "execve clone")
        #expect(process.auid.number == 4_294_967_295)
        #expect(process.start_time.text == "2025-11-24T16:00:00.000005200Z")
        #expect(process.argv.texts == ["cat", "two words", "ü"])
        #expect(process.argc.number == 3)
        #expect(process.comm.text == "cat")
        #expect(process.tty.text == "pts/1")
        #expect(process.interpreter.text == "/bin/sh")
        #expect(process.cgroup.text == "/system.slice/test.service")
        #expect(process.cgroup_id.text == "77")
        #expect(process.ns_pid.number == 41)
        #expect(process.seccomp.text == "disabled")
        #expect(process.no_new_privs.boolean == false)
        #expect(process.cap.effective.texts == ["CAP_SYS_ADMIN", "0x1000000000000000"])
        #expect(process.process_credentials.euid.number == 1000)
        #expect(process.ns.pid.inum.number == 4_026_531_836)
        #expect(process.ns.pid.is_host.boolean == true)
        #expect(process.binary_properties.file.inode["number"].text == "4711")
        #expect(process.binary_properties.file.inode.links.number == 1)
        #expect(process.binary_properties.file.mode.text == "-rwxr-xr-x")
        let variables = process.environment_variables.list
        #expect(variables.map(\.Key.text) == ["LANG", "EMPTY"])
        #expect(variables.map(\.Value.text) == ["C", ""])
        #expect(event.parent.pid.number == 40)
        #expect(event.parent.argv.isAbsent)
    }

    @Test func anExecIdIsBase64OfNodeTimeAndPid() throws {
        let process = try #require(try events()["process_exec"]).process_exec.process
        func decoded(_ id: JSON) -> String? {
            id.text.flatMap { Data(base64Encoded: $0) }.map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(decoded(process.exec_id) == "node-1:5200:41")
        #expect(decoded(process.parent_exec_id) == "node-1:4000:40")
    }

    /// One, two and no filling characters.
    @Test(arguments: ["a", "ab", "abc", "abcd", "Knoten-ü"]) func anExecIdOfAnyLengthDecodes(node: String) throws {
        let line = try #require(try Pipeline(node: node).json([Records.exit(Texts.who, at: 1)]).first)
        let id = try #require(line.process_exit.process.exec_id.text)
        #expect(Data(base64Encoded: id).map { String(decoding: $0, as: UTF8.self) } == "\(node):70:7")
        #expect(line.node_name.text == node)
    }

    @Test func anOpenTellsItsFileAndTheProcessInShort() throws {
        let event = try #require(try events()["process_file"]).process_file
        #expect(event.operation.text == "openat")
        #expect(event.name.text == "motd")
        #expect(event.path.text == "/etc/motd")
        #expect(event.dfd.number == -100)
        #expect(event.result.number == 3)
        #expect(event.inode.text == "99")
        #expect(event.process.binary.text == "/usr/bin/cat")
        #expect(event.process.argv.isAbsent)
    }

    @Test func anOpenThatFailedHasNoFile() throws {
        let records = [Records.open(Texts.who, at: 1, path: nil)]
        let event = try #require(try Pipeline().json(records).first).process_file
        for key in ["path", "inode", "device", "permission"] { #expect(event[key].isAbsent) }
        #expect(event.error.text == "ENOENT")
    }

    @Test func aLossTellsWhatWhyAndHowMany() throws {
        let loss = try #require(try events()["loss"]).loss
        #expect(loss.keys == ["event", "reason", "count"])
        #expect(loss.event.text == "open" && loss.reason.text == "ring_full" && loss.count.text == "12")
    }

    @Test(arguments: [0, 77, 0x1_0005]) func aLossOfAnUnknownKindNamesNone(kind: UInt32) throws {
        let record = Records.loss(kind: kind, reason: 3, count: .max, at: 1)
        let loss = try #require(try Pipeline().json([record]).first).loss
        #expect(loss.event.isAbsent)
        #expect(loss.count.text == "18446744073709551615")
    }

    @Test func everyUserNamedNodeIsAValidString() throws {
        let line = try #require(try Pipeline(node: "a\"b\\c\n").json([Records.exit(Texts.who, at: 1)]).first)
        #expect(line.node_name.text == "a\"b\\c\n")
    }
}
