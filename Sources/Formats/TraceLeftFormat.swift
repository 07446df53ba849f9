import CWire
import Model

/// The lines of `traceleft trace`: opens, and connections that are made, accepted and closed.
package struct TraceLeftFormat: ~Copyable, LineFormat {
    private var buffer = TextBuffer()

    var bytes: UnsafeRawBufferPointer { buffer.bytes }

    mutating func clear() { buffer.clear() }

    /// What traceleft's handlers see.
    static func has(_ kind: EventKind, _ record: Record) -> Bool {
        switch kind {
        case .open: record.open.pointee.call == MT_OPEN.rawValue
        case .tcp: connection(record.tcp.pointee) != nil
        default: false
        }
    }

    /// Its name for what happened to a connection; nil when it would not have told.
    private static func connection(_ tcp: mt_tcp) -> StaticString? {
        guard tcp.sport != 0, tcp.dport != 0 else { return nil }
        let isV6 = tcp.family == 10
        switch (Int32(tcp.call), tcp.old_state, tcp.new_state) {
        case (Int32(MT_TCP_ACCEPT.rawValue), _, _): return isV6 ? "accept_v6" : "accept_v4"
        case (Int32(MT_TCP_STATE.rawValue), synSent, established): return isV6 ? "connect_v6" : "connect_v4"
        // the owner closes, whichever end began
        case (Int32(MT_TCP_STATE.rawValue), established, finWait1), (Int32(MT_TCP_STATE.rawValue), closeWait, lastAck):
            return isV6 ? "close_v6" : "close_v4"
        default: return nil
        }
    }

    private static let established: UInt8 = 1
    private static let synSent: UInt8 = 2
    private static let finWait1: UInt8 = 4
    private static let closeWait: UInt8 = 8
    private static let lastAck: UInt8 = 9

    mutating func write(_ event: borrowing Event, _ record: Record) {
        switch event.kind {
        case .open where record.open.pointee.call == MT_OPEN.rawValue: writeOpen(record)
        case .tcp:
            guard let name = Self.connection(record.tcp.pointee) else { return }
            writeConnection(name, record)
        default: return
        }
        if let process = event.process, Self.isInContainer(process) { buffer.append("[container]") }
        if event.kind == .open, record.open.pointee.marks & UInt16(MT_OPEN_NAME_UNREADABLE) != 0 {
            buffer.append("[incomplete]")
        }
        buffer.append(UInt8(ascii: "\n"))
    }

    private mutating func writeOpen(_ record: Record) {
        let open = record.open.pointee
        // It reads so many bytes and no more.
        let name = record.string(open.name).map { UnsafeRawBufferPointer(rebasing: $0.prefix(256)) }
        var hash = FNV1a()
        hash.add(UInt64(0))
        hash.add(UInt64(record.header.tgid))
        hash.add(UInt64(bitPattern: Int64(open.result)))
        hash.add("open", count: 64)
        hash.add(name)
        hash.add(UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: open.flags))))
        hash.add(UInt64(open.mode))
        begin("open", record.header.tgid, Int64(open.result), hash.value)
        buffer.append("Filename ")
        GoQuoted.write(name ?? UnsafeRawBufferPointer(start: nil, count: 0), to: &buffer)
        buffer.append(" Flags ")
        buffer.append(Int64(open.flags))
        buffer.append(" Mode ")
        buffer.append(UInt64(open.mode))
        buffer.append(UInt8(ascii: " "))
    }

    private mutating func writeConnection(_ name: StaticString, _ record: Record) {
        let tcp = record.tcp.pointee
        // of connections it makes no hash
        begin(name, record.header.tgid, 0, 0)
        buffer.append("Saddr ")
        AddressText.write(record.address(\.saddr), to: &buffer)
        buffer.append(" Daddr ")
        AddressText.write(record.address(\.daddr), to: &buffer)
        buffer.append(" Sport ")
        buffer.append(UInt64(tcp.sport))
        buffer.append(" Dport ")
        buffer.append(UInt64(tcp.dport))
        buffer.append(" Netns ")
        buffer.append(UInt64(tcp.netns))
        buffer.append(UInt8(ascii: " "))
    }

    private mutating func begin(_ name: StaticString, _ pid: UInt32, _ result: Int64, _ hash: UInt64) {
        buffer.append("name ")
        buffer.append(name)
        buffer.append(" pid ")
        buffer.append(UInt64(pid))
        buffer.append(" program id 0 return value ")
        buffer.append(result)
        buffer.append(" hash ")
        buffer.append(hash)
        buffer.append(UInt8(ascii: " "))
    }

    /// As traceleft sees it: in another mount namespace than the first process.
    private static func isInContainer(_ process: Execution) -> Bool {
        guard let own = process.process?.pointee.namespaces.mnt, let host = process.hostNamespaces?.mnt else {
            return false
        }
        return own != 0 && own != host
    }
}
