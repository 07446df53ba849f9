import BPF
import CWire
import Filters
import Foundation
import Logging
import Probes

/// Hooks of policies on the running kernel, without an agent: what they tell is read from the rings.
final class HookRun {
    /// One event, as far as tests look at it.
    struct Call {
        let call: mt_call
        let kind: UInt16
        var policy = ""
        var function = ""
        var label = ""
        var selector = 0
        var message = ""
        var tags: [String] = []
        /// The slots of what the policy shows, in its order.
        var shown: [Int] = []
        /// By slot.
        var values: [Int: (type: mt_item_type, marks: UInt32, payload: [UInt8])] = [:]

        /// What the policy shows first, second, ….
        func argument(_ index: Int) -> (type: mt_item_type, marks: UInt32, payload: [UInt8])? {
            shown.indices.contains(index) ? values[shown[index]] : nil
        }

        /// A number that the policy shows first, second, ….
        func shownNumber(_ index: Int) -> UInt64? { shown.indices.contains(index) ? number(shown[index]) : nil }

        func text(_ slot: Int) -> String? { values[slot].map { String(decoding: $0.payload, as: UTF8.self) } }

        /// The path of a file.
        func path(_ slot: Int) -> String? {
            values[slot].map { String(decoding: $0.payload.dropFirst(MemoryLayout<mt_file>.size), as: UTF8.self) }
        }

        func number(_ slot: Int) -> UInt64? {
            values[slot].flatMap { value in
                value.payload.count == 8 ? value.payload.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) } : nil
            }
        }
    }

    let probes: KernelProbes
    let hooks: Hooks

    init() throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        var settings = ProbeSettings()
        settings.observations = []
        settings.ringBytes = 64 << 20
        probes = try KernelProbes(settings, minimum: [], logger: logger)
        hooks = Hooks(maps: try probes.makeHookMaps(), logger: logger)
    }

    /// Adds one policy's hooks; throws the first failure.
    @discardableResult
    func add(_ requests: HookRequest...) throws -> Hooks.Ticket {
        let result = hooks.add([requests])[0]
        for case let failure? in result.failures { throw failure }
        return result.ticket
    }

    /// What came since the last time.
    func calls() -> [Call] {
        var list: [Call] = []
        for box in probes.rings {
            box.ring.drain { (bytes: UnsafeRawBufferPointer) in
                if let call = Self.call(bytes) { list.append(call) }
            }
        }
        return list.sorted { $0.call.header.time < $1.call.header.time }
    }

    static func call(_ bytes: UnsafeRawBufferPointer) -> Call? {
        guard bytes.count >= MemoryLayout<mt_call>.size else { return nil }
        let call = bytes.loadUnaligned(as: mt_call.self)
        var seen = Call(call: call, kind: call.header.kind)
        var at = MemoryLayout<mt_call>.size
        while at + MemoryLayout<mt_item>.size <= bytes.count {
            let item = bytes.loadUnaligned(fromByteOffset: at, as: mt_item.self)
            let begin = at + MemoryLayout<mt_item>.size
            guard begin + Int(item.length) <= bytes.count else { return nil }
            let payload = Array(bytes[begin..<begin + Int(item.length)])
            switch mt_item_type(UInt32(item.type)) {
            case MT_ITEM_POLICY: seen.policy = String(decoding: payload, as: UTF8.self)
            case MT_ITEM_MESSAGE: seen.message = String(decoding: payload, as: UTF8.self)
            case MT_ITEM_TAG: seen.tags.append(String(decoding: payload, as: UTF8.self))
            case MT_ITEM_SHOWS: seen.shown.append(Int(item.slot))
            case MT_ITEM_FUNCTION: seen.function = String(decoding: payload, as: UTF8.self)
            case MT_ITEM_SELECTOR:
                seen.selector = Int(item.slot)
                seen.label = String(decoding: payload, as: UTF8.self)
            case let type where type.rawValue >= 32: seen.values[Int(item.slot)] = (type, item.marks, payload)
            default: break
            }
            at = begin + (Int(item.length) + 7) & ~7
        }
        return at == bytes.count ? seen : nil
    }
}
