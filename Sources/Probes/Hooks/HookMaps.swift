import BPF
import CWire

/// The maps that the programs of all hooks share, each made when the first program needs it.
package final class HookMaps {
    private final class Box {
        let map: BPFNewMap
        init(_ map: consuming BPFNewMap) { self.map = map }
    }

    private var boxes: [HookSkeleton.Map: Box] = [:]
    private let rings: BPFMapReference
    private let counters: BPFMapReference
    let ownTgid: UInt32
    let poolMask: UInt32

    init(rings: BPFMapReference, counters: BPFMapReference, ownTgid: UInt32, poolMask: UInt32) {
        self.rings = rings
        self.counters = counters
        self.ownTgid = ownTgid
        self.poolMask = poolMask
    }

    /// Gives an object the shared ones of its maps.
    func share(with object: borrowing BPFObject<HookSkeleton>, waitsForReturn: Bool, looksAtBinaries: Bool)
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
