import CWire
import Fixtures
import Foundation
import Model
import Testing

/// Calls that policies ask for, for people.
@Suite struct CompactCallTests {
    private func line(_ record: [UInt8]) throws -> Substring {
        let line = try #require(Pipeline().compact([record]).last)
        return line.dropFirst("00:00:00.000 ".count)
    }

    @Test(arguments: [
        (EventKind.kprobe, "kprobe      7 [] /usr/bin/true group:security_file_permission+0x1267("),
        (.tracepoint, "tracepoint  7 [] /usr/bin/true group/security_file_permission+0x1267("),
    ]) func aCallShowsItsPlaceValuesReturnAndPolicy(kind: EventKind, begin: String) throws {
        let record = try #require(
            Records.callsOfEachKind(Texts.who, at: 1).first { bytes in
                bytes.withUnsafeBytes { (try? Record($0))?.kind } == kind
            }
        )
        let line = try line(record)
        #expect(line.hasPrefix(begin))
        #expect(
            line.dropFirst(begin.count)
                == #"file=/etc/passwd, 4, "two words", 10.0.0.1:40000 → 10.0.0.2:443, "\u0000\u0001\\xff"…, "#
                + "uid=0 euid=0, ?) = -13 [audit]"
        )
    }

    @Test func marksAreShown() throws {
        let record = Records.call(Texts.who, at: 1) { $0.body.marks = UInt32(MT_CALL_NO_RETURN) }
        #expect(try line(record) == "kprobe      7 [] security_file_permission() [audit] no_return")
    }

    @Test func aLongTextIsCutBetweenCharacters() throws {
        let record = Records.call(Texts.who, at: 1) { $0.add(MT_VALUE_TEXT, String(repeating: "aü", count: 100)) }
        let text = try line(record)
        #expect(text.contains("…"))
        #expect(!text.contains("\\x"))
        #expect(text.utf8.count < 220)
    }

    @Test func kernelObjectsAreShownShort() throws {
        var object = mt_bpf_object()
        object.type = 2
        setName(&object.name, "probe")
        let program = Records.call(Texts.who, at: 1) { $0.add(MT_VALUE_BPF_PROG, body: object) }
        #expect(try line(program).contains(#"(BPF_PROG_TYPE_KPROBE "probe")"#))
        let capability = Records.call(Texts.who, at: 1) { $0.add(MT_VALUE_CAPABILITY, body: UInt64(21)) }
        #expect(try line(capability).contains("(CAP_SYS_ADMIN)"))
    }
}
