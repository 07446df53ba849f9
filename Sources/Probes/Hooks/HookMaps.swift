import BPF
import CWire

/// The maps that the programs of all hooks share, each made when the first program needs it.
package final class HookMaps {
    private final class Box {
        let map: BPFNewMap
        init(_ map: consuming BPFNewMap) { self.map = map }
    }

    /// Whether each program has one of its own.
    static func isOwn(_ map: HookSkeleton.Map) -> Bool {
        ![.rings, .counters, .scratch, .walks, .row_counts, .rates, .pending, .binaries, .told, .baselines].contains(
            map
        )
    }

    private var boxes: [HookSkeleton.Map: Box] = [:]
    /// What processes had when they were executed; kept from when a hook first asks for changes.
    private var baselines: Baselines?
    private let rings: BPFMapReference
    private let counters: BPFMapReference
    /// This process, as the kernel numbers it.
    package let ownTgid: UInt32
    let poolMask: UInt32

    init(rings: BPFMapReference, counters: BPFMapReference, ownTgid: UInt32, poolMask: UInt32) {
        self.rings = rings
        self.counters = counters
        self.ownTgid = ownTgid
        self.poolMask = poolMask
    }

    /// Gives an object the shared ones of its maps.
    func share(
        with object: borrowing BPFObject<HookSkeleton>,
        waitsForReturn: Bool,
        looksAtBinaries: Bool,
        looksAtChanges: Bool
    )
        throws(BPFError)
    {
        try object.reuse(.rings, rings)
        try object.reuse(.counters, counters)
        // as many as CALL_DEPTH for each CPU
        try object.reuse(.scratch, try shared(.scratch, in: object, 3 * possibleCPUs))
        try object.reuse(.walks, try shared(.walks, in: object, 3 * possibleCPUs))
        try object.reuse(.row_counts, try shared(.row_counts, in: object, nil))
        try object.reuse(.rates, try shared(.rates, in: object, nil))
        try share(.pending, with: object, when: waitsForReturn)
        try share(.binaries, with: object, when: looksAtBinaries)
        try share(.told, with: object, when: looksAtChanges)
        guard looksAtChanges else { return try object.setCreates(.baselines, false) }
        if baselines == nil { baselines = try Baselines() }
        if let map = try baselines?.map { try object.reuse(.baselines, map) }
    }

    private func share(
        _ name: HookSkeleton.Map,
        with object: borrowing BPFObject<HookSkeleton>,
        when isNeeded: Bool
    ) throws(BPFError) {
        if isNeeded {
            try object.reuse(name, try shared(name, in: object, nil))
        } else {
            try object.setCreates(name, false)
        }
    }

    private func shared(
        _ name: HookSkeleton.Map,
        in object: borrowing BPFObject<HookSkeleton>,
        _ count: Int?
    ) throws(BPFError) -> BPFMapReference {
        if let count { try object.setMaxEntries(name, count) }
        if let box = boxes[name] { return box.map.reference }
        let box = Box(try object.makeMap(name))
        boxes[name] = box
        return box.map.reference
    }

    /// A call that is waited for.
    package struct Pending {
        package let key: mt_pending_key
        fileprivate let bytes: [UInt8]
    }

    /// The calls whose return is waited for.
    package func pendingCalls() -> [Pending] {
        guard let box = boxes[.pending] else { return [] }
        // What comes and goes all the time is not looked for to its end: twice as many as there can be.
        let keys = box.map.reference.keys(bytes: MemoryLayout<mt_pending_key>.size, atMost: 2048)
        return keys.map { bytes in
            Pending(key: bytes.withUnsafeBytes { $0.loadUnaligned(as: mt_pending_key.self) }, bytes: bytes)
        }
    }

    /// Gives up waiting for a call; what is kept of it, and its items. Nil: it has returned.
    package func give(up call: Pending) -> (head: mt_pending, items: ArraySlice<UInt8>)? {
        let size = MemoryLayout<mt_pending>.size
        guard let box = boxes[.pending],
            let value = box.map.reference.take(key: call.bytes, value: size + Self.pendingItems)
        else { return nil }
        let head = value.withUnsafeBytes { $0.loadUnaligned(as: mt_pending.self) }
        guard Int(head.used) <= Self.pendingItems else { return nil }
        return (head, value[size..<size + Int(head.used)])
    }

    /// As in `lib/pending.h`.
    private static let pendingItems = 3584

    /// How often a selector matched, by its counter.
    package func counts(_ counter: UInt32) throws(BPFError) -> mt_row_counts {
        guard let box = boxes[.row_counts] else { return mt_row_counts() }
        return try box.map.reference.typed(UInt32.self, mt_row_counts.self).value(counter) ?? mt_row_counts()
    }

    /// Has a counter begin anew, for another selector.
    package func clear(_ counter: UInt32) throws(BPFError) {
        guard let box = boxes[.row_counts] else { return }
        try box.map.reference.typed(UInt32.self, mt_row_counts.self).set(counter, mt_row_counts())
    }
}
