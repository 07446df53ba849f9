import CWire

/// What a selector says of itself in each of its events, as items: see `martlet_call.h`.
struct AboutItems {
    private(set) var bytes: [UInt8] = []

    /// None yet.
    init() {}

    mutating func add(_ type: mt_item_type, _ text: String?, slot: Int = 0, detail: UInt32 = 0) {
        let payload = Array((text ?? "").utf8)
        var item = mt_item()
        item.type = UInt16(type.rawValue)
        item.slot = UInt16(slot)
        item.length = UInt32(payload.count)
        item.detail = detail
        withUnsafeBytes(of: item) { bytes += $0 }
        bytes += payload
        bytes += repeatElement(0, count: -payload.count & 7)
    }

    /// - Parameter slots: where each of the request's readings has its value.
    init(_ request: HookRequest, row: Int, label: String?, slots: [Int]) {
        add(MT_ITEM_POLICY, request.policy)
        if let namespace = request.namespace { add(MT_ITEM_NAMESPACE, namespace) }
        if let group = request.group { add(MT_ITEM_GROUP, group) }
        if let file = request.point.file { add(MT_ITEM_FILE, file) }
        if let message = request.message { add(MT_ITEM_MESSAGE, message) }
        for tag in request.tags { add(MT_ITEM_TAG, tag) }
        add(MT_ITEM_SELECTOR, label, slot: row)
        for shown in request.shown {
            add(MT_ITEM_SHOWS, shown.label, slot: slots[shown.reading], detail: shown.role.rawValue)
        }
    }
}
