import CWire
import Fixtures
import Formats
import Foundation
import Model
import Testing

/// The lines of the systems that people come from, to the byte.
@Suite struct SeedLineTests {
    private let shell = Who(40, start: 4000)
    private let other = Who(50, start: 5000)

    private func lines(_ format: EventFormat, _ records: [UInt8]...) -> [String] {
        let pipeline = Pipeline()
        let first = Records.snapshot(Who(1, start: 0), of: Who(0, start: 0), at: 1)
        let batch = pipeline.batch([first] + records)
        _ = batch.filter { event, record in format.has(event.kind, record) }
        return Pipeline.lines(pipeline.text(batch, format))
    }

    @Test func aTransitionAsTCPAuditPrintsIt() {
        let expected =
            "==> TCP state event: PID (on CPU): 50, Command (on CPU): curl, Source Port: 10.0.0.1:40000, "
            + "Destination Port: 10.0.0.2:443, Old State: SYN-SENT, New State: ESTABLISHED, "
            + "Socket Info: [ID: ffff888012345678, INode: 31337, UID: 1000, GID: 100, State: CONNECTING]"
        #expect(lines(.tcpAudit, Records.tcp(owner: shell, onCPU: other, at: 10)) == [expected])
    }

    @Test func aSocketWithoutAFileIsNotAvailable() {
        let line = lines(
            .tcpAudit,
            Records.tcp(owner: nil, onCPU: other, at: 10, from: 10, to: 3) { $0.body.marks = 0 }
        )
        #expect(
            line.first?.hasSuffix("Old State: LISTEN, New State: SYN-RECEIVED, Socket Info: [<not available>]") == true
        )
    }

    @Test(
        arguments: zip(
            1...12,
            [
                "ESTABLISHED", "SYN-SENT", "SYN-RECEIVED", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "CLOSED",
                "CLOSE-WAIT",
                "LAST-ACK", "LISTEN", "CLOSING", "SYN-RECEIVED",
            ]
        )
    ) func statesHaveTheirNamesOfRFC793(number: Int, name: String) {
        let line = lines(.tcpAudit, Records.tcp(owner: shell, onCPU: shell, at: 1, from: 7, to: UInt8(number)))
        #expect(line.first?.contains(", New State: \(name), ") == true)
    }

    @Test func tcpAuditKnowsChangesOfStateAlone() {
        #expect(
            lines(
                .tcpAudit,
                Records.open(shell, at: 5),
                Records.tcp(owner: shell, onCPU: shell, at: 10) { $0.body.call = UInt8(MT_TCP_ACCEPT.rawValue) }
            ) == []
        )
    }

    @Test func execsAndOpensAsBPFDPrintsThem() {
        let exec = Records.exec(shell, of: Who(1, start: 0), at: 10, binary: "/usr/bin/cat", args: ["cat"]) {
            $0.body.credentials.uid = 1000
            $0.body.credentials.gid = 100
        }
        #expect(
            lines(.bpfd, exec, Records.open(shell, at: 20), Records.exit(shell, at: 30)) == [
                "exec\t40\t1\t1000\t100\tcat\tnot-found\t", "open\t40\t1\t1000\t100\tcat\tnot-found\t",
            ]
        )
    }

    @Test func dropsAndBreakoutsAsBPFDPrintsThem() {
        let exec = Records.exec(shell, of: Who(1, start: 0), at: 10, binary: "/usr/bin/cat", args: ["cat"])
        #expect(
            lines(
                .bpfd,
                exec,
                Records.tcpDrop(owner: shell, onCPU: other, at: 20),
                Records.tcpDrop(owner: nil, onCPU: other, at: 30),
                Records.breakout(shell, at: 40)
            ) == [
                "exec\t40\t1\t0\t0\tcat\tnot-found\t", "tcpdrop\t40\t1\t0\t0\tcat\tnot-found\t",
                "tcpdrop\t0\t0\t4294967295\t4294967295\t\tnot-found\t",
                "dockeropenbreakout\t40\t1\t0\t0\tcat\tnot-found\t",
            ]
        )
    }

    @Test(
        arguments: [
            ("/docker/ID", "docker"), ("/kubepods/burstable/podd0e1c2b3-0001-4000-8000-000000000001/ID", "kube"),
            ("/machine.slice/libpod-ID.scope", "podman"),
        ]
    ) func aContainerAsBPFDNamesIt(path: String, runtime: String) {
        let id = String(repeating: "ab", count: 32)
        let exec = Records.exec(shell, of: Who(1, start: 0), at: 10) {
            $0.body.cgroup = $0.text(path.replacingOccurrences(of: "ID", with: id))
        }
        #expect(lines(.bpfd, exec) == ["exec\t40\t1\t0\t0\ttrue\t\(runtime)\t\(id)"])
    }

    @Test func aCommandCannotMakeUpAField() {
        let exec = Records.exec(shell, of: Who(1, start: 0), at: 10) { setName(&$0.body.comm, "a\tb\nc") }
        #expect(lines(.bpfd, exec) == [#"exec"# + "\t40\t1\t0\t0\t" + #"a\tb\nc"# + "\tnot-found\t"])
    }

    @Test func anOpenAsTraceLeftPrintsIt() {
        let open = Records.open(shell, at: 20, name: "/tmp/x") {
            $0.body.call = UInt16(MT_OPEN.rawValue)
            $0.body.flags = 66
            $0.body.mode = 493
        }
        // FNV-1a over 0, 40, 3 (eight bytes each), "open" in 64 bytes, the name with its NUL, 66, 493
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func bytes(_ number: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
        let name = Array("open".utf8) + [UInt8](repeating: 0, count: 60)
        let input = bytes(0) + bytes(40) + bytes(3) + name + Array("/tmp/x".utf8) + [0] + bytes(66) + bytes(493)
        for byte in input { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
        #expect(
            lines(.traceleft, open) == [
                "name open pid 40 program id 0 return value 3 hash \(hash) Filename \"/tmp/x\" Flags 66 Mode 493 "
            ]
        )
    }

    @Test func traceLeftKnowsTheCallOpenAlone() {
        #expect(lines(.traceleft, Records.open(shell, at: 20)) == [])
    }

    @Test func connectionsAsTraceLeftPrintsThem() {
        let tail = "Saddr 10.0.0.1 Daddr 10.0.0.2 Sport 40000 Dport 443 Netns 4026531840 "
        #expect(
            lines(
                .traceleft,
                Records.tcp(owner: shell, onCPU: shell, at: 1, from: 7, to: 2),
                Records.tcp(owner: shell, onCPU: shell, at: 2, from: 2, to: 1),
                Records.tcp(owner: shell, onCPU: shell, at: 3) { $0.body.call = UInt8(MT_TCP_ACCEPT.rawValue) },
                Records.tcp(owner: shell, onCPU: other, at: 4, from: 1, to: 8),
                Records.tcp(owner: shell, onCPU: shell, at: 5, from: 8, to: 9),
                Records.tcp(owner: shell, onCPU: shell, at: 6, from: 2, to: 7)
            )
                == ["connect_v4", "accept_v4", "close_v4"].map {
                    "name \($0) pid 40 program id 0 return value 0 hash 0 " + tail
                }
        )
    }

    @Test func aProcessInAnotherMountNamespaceIsAContainersToTraceLeft() {
        let exec = Records.exec(shell, of: Who(1, start: 0), at: 10) { $0.body.namespaces.mnt = 7 }
        let first = Records.snapshot(Who(1, start: 0), of: Who(0, start: 0), at: 1) { $0.body.namespaces.mnt = 3 }
        let open = Records.open(shell, at: 20) { $0.body.call = UInt16(MT_OPEN.rawValue) }
        #expect(lines(.traceleft, first, exec, open).first?.hasSuffix(" [container]") == true)
    }

    @Test(arguments: [
        (Array("plain ü".utf8), "\"plain ü\""), (Array("a\"b\\c".utf8), #""a\"b\\c""#),
        ([0x07, 0x08, 0x0c, 0x0a, 0x0d, 0x09, 0x0b], #""\a\b\f\n\r\t\v""#), ([0x01, 0x1b, 0x7f], #""\x01\x1b\x7f""#),
        ([0xff, 0x41, 0xc3], #""\xffA\xc3""#), (Array("\u{200b}\u{e000}\u{10ffff}".utf8), #""\u200b\ue000\U0010ffff""#),
        (Array("\u{a0}😀".utf8), #""\u00a0😀""#),
    ]) func namesAreQuotedAsGoQuotesThem(name: [UInt8], quoted: String) {
        let open = Records.open(shell, at: 20) {
            $0.body.call = UInt16(MT_OPEN.rawValue)
            $0.body.name = $0.text(name)
        }
        #expect(lines(.traceleft, open).first?.contains(" Filename \(quoted) Flags ") == true)
    }
}
