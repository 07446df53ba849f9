import CWire
import FilterReference
import Filters
import Foundation
import Probes

/// openat as tests of conditions watch it: its name, what it returns, its flags.
enum Openat {
    static let name = Condition.Source.value(0, .whole)
    static let result = Condition.Source.value(1, .whole)
    static let flags = Condition.Source.value(2, .whole)

    static func policy(_ name: String, _ rows: [HookRequest.Row]) -> HookRequest {
        HookRequest(
            HookPoint(
                .syscallExit,
                [HookPoint.Function(symbol: "openat", name: "openat", number: 257)]
            ),
            kind: .kprobe,
            policy: name,
            readings: [
                Reading(.argument(1), read: MT_READ_STRING, value: MT_VALUE_TEXT),
                Reading(.returned, read: MT_READ_NUMBER, value: MT_VALUE_INT, width: 4, isSigned: true),
                Reading(.argument(2), read: MT_READ_NUMBER, value: MT_VALUE_INT, width: 4, isSigned: true),
            ],
            shown: [HookRequest.Shown(reading: 0), HookRequest.Shown(reading: 1, role: MT_ROLE_RETURN)],
            rows: rows
        )
    }

    /// By the workload alone: others open files all the time.
    static func byWorkload() throws -> Condition {
        Condition(.binary, .texts([Array(Machine.resolved(try Products.workload()).utf8)]))
    }

    /// Opens and closes a name so often.
    static func add(_ count: Int, _ name: String, flags: Int = 0, to calls: inout Calls) {
        calls.add(count, ["openat", "-100", "s:\(name)", "\(flags)"], ["close", "r:0"])
    }
}
