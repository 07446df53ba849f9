import Formats
import Model

/// How often one rule has matched of late, for each value of the fields that it is told apart by.
struct RateLimiter {
    private struct Window {
        var begin: UInt64
        var count: UInt64
    }

    private let limit: Rule.RateLimit
    private let readers: [EventKind: [FieldReader]]
    private var windows: [UInt64: Window] = [:]

    /// With more values than this at once all are forgotten: then some are told that need not have been.
    static let capacity = 10_000

    init(_ limit: Rule.RateLimit, kinds: [EventKind]) {
        self.limit = limit
        readers = Dictionary(
            uniqueKeysWithValues: kinds.map { kind in (kind, limit.by.compactMap { FieldReader(.field($0), of: kind) })
            }
        )
    }

    /// Whether an event that matches is told.
    mutating func allows(_ event: borrowing Event, _ record: Record, _ scratch: inout TextBuffer) -> Bool {
        var key = ByteTable.emptyHash
        for reader in readers[event.kind] ?? [] {
            let value = reader.value(event, record)
            if case .boolean(let isSet) = value {
                key = ByteTable.hash(key, isSet ? 1 : 0)
            } else if let number = value.asNumber {
                withUnsafeBytes(of: number) { for byte in $0 { key = ByteTable.hash(key, byte) } }
            } else {
                _ = reader.contains(event, record, &scratch) { text in
                    for byte in text { key = ByteTable.hash(key, byte) }
                    return false
                }
            }
            key = ByteTable.hash(key, 0xff)
        }
        if windows.count >= Self.capacity, windows[key] == nil { windows.removeAll(keepingCapacity: true) }
        var window = windows[key] ?? Window(begin: event.time, count: 0)
        if event.time >= window.begin, event.time - window.begin >= limit.window {
            window = Window(begin: event.time, count: 0)
        }
        window.count += 1
        windows[key] = window
        return window.count <= limit.events
    }
}
