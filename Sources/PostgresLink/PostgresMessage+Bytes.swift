extension PostgresMessage {
    /// Bytes before each message: how long the rest is, and its type.
    package static let headerSize = 5

    /// The message as it is sent.
    package var bytes: [UInt8] {
        var body = PostgresBytes()
        let type: UInt8
        switch self {
        case .open(let open):
            type = 1
            body.append(Self.version)
            body.append(open.layout.rawValue)
            body.append(open.retentionDays)
            body.append(open.conninfo)
            body.append(open.stream)
            body.append(open.host)
        case .begin: type = 2
        case .days(let days):
            type = 3
            for day in days { body.append(day) }
        case .copy(let relation, let rows):
            type = 4
            body.append(relation.rawValue)
            body.bytes += rows
        case .commit(let position):
            type = 5
            body.append(position)
        case .opened(let opened):
            type = 65
            body.append(opened.position)
            body.append(opened.hasNarrowColumns ? 1 as UInt8 : 0)
            body.append(opened.serverVersion)
        case .committed(let position):
            type = 66
            body.append(position)
        case .failed(let failure):
            type = 67
            body.append(failure.reason.rawValue)
            body.append(failure.text)
        case .notice(let text):
            type = 68
            body.append(text)
        }
        var header = PostgresBytes()
        header.append(UInt32(body.bytes.count))
        header.append(type)
        return header.bytes + body.bytes
    }

    /// Reads the message of this type; nil when it is none, or of another version.
    package init?(type: UInt8, body: [UInt8]) {
        var reader = PostgresReader(bytes: body[...])
        switch type {
        case 1:
            guard reader.number(UInt32.self) == Self.version,
                let layout = reader.number(UInt8.self).flatMap(PostgresLayout.init),
                let days = reader.number(UInt32.self),
                let conninfo = reader.text(), let stream = reader.text(), let host = reader.text()
            else { return nil }
            var open = PostgresOpen()
            open.layout = layout
            open.retentionDays = days
            open.conninfo = conninfo
            open.stream = stream
            open.host = host
            self = .open(open)
        case 2: self = .begin
        case 3:
            var days: [Int32] = []
            while let day = reader.number(Int32.self) { days.append(day) }
            self = .days(days)
        case 4:
            guard let relation = reader.number(UInt8.self).flatMap(PostgresRelation.init) else { return nil }
            self = .copy(relation, Array(reader.bytes))
            return
        case 5:
            guard let position = reader.position() else { return nil }
            self = .commit(position)
        case 65:
            guard let position = reader.position(), let narrow = reader.number(UInt8.self), let version = reader.text()
            else { return nil }
            self = .opened(PostgresOpened(position: position, hasNarrowColumns: narrow != 0, serverVersion: version))
        case 66:
            guard let position = reader.position() else { return nil }
            self = .committed(position)
        case 67:
            guard let reason = reader.number(UInt8.self).flatMap(PostgresFailure.Reason.init), let text = reader.text()
            else { return nil }
            self = .failed(PostgresFailure(reason, text))
        case 68:
            guard let text = reader.text() else { return nil }
            self = .notice(text)
        default: return nil
        }
        guard reader.bytes.isEmpty else { return nil }
    }
}

private struct PostgresBytes {
    var bytes: [UInt8] = []

    mutating func append(_ number: some FixedWidthInteger) { withUnsafeBytes(of: number) { bytes += $0 } }

    mutating func append(_ position: PostgresPosition) {
        append(position.frame)
        append(position.events)
    }

    mutating func append(_ text: String) {
        append(UInt32(text.utf8.count))
        bytes += text.utf8
    }
}

private struct PostgresReader {
    var bytes: ArraySlice<UInt8>

    mutating func number<Number: FixedWidthInteger>(_: Number.Type) -> Number? {
        let size = MemoryLayout<Number>.size
        guard bytes.count >= size else { return nil }
        defer { bytes = bytes.dropFirst(size) }
        return bytes.withUnsafeBytes { $0.loadUnaligned(as: Number.self) }
    }

    mutating func position() -> PostgresPosition? {
        guard let frame = number(UInt64.self), let events = number(UInt64.self) else { return nil }
        return PostgresPosition(frame: frame, events: events)
    }

    mutating func text() -> String? {
        guard let count = number(UInt32.self), bytes.count >= Int(count) else { return nil }
        defer { bytes = bytes.dropFirst(Int(count)) }
        return String(decoding: bytes.prefix(Int(count)), as: UTF8.self)
    }
}
