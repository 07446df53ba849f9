import CWire
import Filters
import Model
import Probes

/// Requests for tests: numbers and texts of one function.
enum Requests {
    static let point = HookPoint(.kprobe, [HookPoint.Function(symbol: "f", name: "f")])
    static let whole = HookPoint(.syscallExit, [HookPoint.Function(symbol: "openat", name: "openat", number: 257)])

    static func number(_ index: Int, isAtReturn: Bool = false) -> Reading {
        Reading(
            isAtReturn ? .returned : .argument(index),
            read: MT_READ_NUMBER,
            value: MT_VALUE_LONG,
            isAtReturn: isAtReturn
        )
    }

    static func text(_ index: Int) -> Reading { Reading(.argument(index), read: MT_READ_STRING, value: MT_VALUE_TEXT) }

    static func file(_ index: Int) -> Reading { Reading(.argument(index), read: MT_READ_FILE, value: MT_VALUE_FILE) }

    static func policy(
        _ name: String,
        _ readings: [Reading],
        _ rows: [HookRequest.Row],
        at point: HookPoint = Requests.point,
        message: String? = nil,
        tags: [String] = [],
        shown: [HookRequest.Shown] = []
    ) -> HookRequest {
        HookRequest(
            point,
            kind: .kprobe,
            policy: name,
            message: message,
            tags: tags,
            readings: readings,
            shown: shown,
            rows: rows
        )
    }

    static func row(_ conditions: Condition...) -> HookRequest.Row { HookRequest.Row(conditions: conditions) }

    static func row(_ conditions: [Condition]) -> HookRequest.Row { HookRequest.Row(conditions: conditions) }

    /// The program of these policies.
    static func design(_ requests: [HookRequest]) throws(HookDesign.Problem) -> HookDesign {
        var counter: UInt32 = 0
        return try HookDesign(
            hook: 7,
            requests.map { request in
                let counters = request.effectiveRows.map { _ in
                    counter += 1
                    return counter
                }
                return HookDesign.Part(request, counters: counters)
            }
        )
    }
}
