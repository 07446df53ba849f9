import CWire

/// One record, checked: its body is whole and all its strings lie inside.
///
/// A view of bytes that belong to a ring, a batch or an execution; valid as long as they are. All unchecked access to
/// record bytes is in this file.
package struct Record {
    let base: UnsafeRawPointer

    /// Checks the record that `bytes` are.
    ///
    /// - Parameter bytes: aligned to 8, as long as the record says it is.
    /// - Throws: what is wrong with it; nothing outside `bytes` is read.
    package init(_ bytes: UnsafeRawBufferPointer) throws(RecordError) {
        guard let base = bytes.baseAddress, bytes.count >= MemoryLayout<mt_header>.size else { throw .short }
        self.base = base
        let length = Int(header.length)
        guard length == bytes.count, length >= MemoryLayout<mt_header>.size else { throw .length }
        guard let kind = EventKind(rawValue: header.kind) else { throw .kind(header.kind) }
        guard length >= Self.bodySize(kind) else { throw .short }
        for string in strings(kind) where string.offset != 0 {
            guard Int(string.offset) >= Self.bodySize(kind), Int(string.offset) + Int(string.length) <= length else {
                throw .string
            }
        }
        guard kind.isCall else { return }
        guard string(call.pointee.values).map(CallItems.areSound) ?? true,
            string(call.pointee.about).map(CallItems.areSound) ?? true
        else {
            throw .items
        }
    }

    /// A record that was checked when its bytes were taken in.
    package init(checked bytes: UnsafeRawBufferPointer) {
        base = bytes.baseAddress.unsafelyUnwrapped
    }

    /// The fixed part.
    package var header: mt_header { load() }
    /// What happened.
    package var kind: EventKind { EventKind(rawValue: header.kind) ?? .loss }
    /// All of the record.
    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: Int(header.length)) }

    /// Notes in the record itself that it came after the hold. The bytes must be the caller's own.
    package mutating func markLate() {
        UnsafeMutableRawPointer(mutating: base).assumingMemoryBound(to: mt_header.self).pointee.flags |= UInt16(
            MT_FLAG_LATE
        )
    }

    package var fork: UnsafePointer<mt_fork> { base.assumingMemoryBound(to: mt_fork.self) }
    package var process: UnsafePointer<mt_process> { base.assumingMemoryBound(to: mt_process.self) }
    package var execFailed: UnsafePointer<mt_exec_failed> { base.assumingMemoryBound(to: mt_exec_failed.self) }
    package var exit: UnsafePointer<mt_exit> { base.assumingMemoryBound(to: mt_exit.self) }
    package var open: UnsafePointer<mt_open> { base.assumingMemoryBound(to: mt_open.self) }
    package var heartbeat: UnsafePointer<mt_heartbeat> { base.assumingMemoryBound(to: mt_heartbeat.self) }
    package var shell: UnsafePointer<mt_shell> { base.assumingMemoryBound(to: mt_shell.self) }
    package var clock: UnsafePointer<mt_clock> { base.assumingMemoryBound(to: mt_clock.self) }
    package var tcp: UnsafePointer<mt_tcp> { base.assumingMemoryBound(to: mt_tcp.self) }
    package var tcpDrop: UnsafePointer<mt_tcp_drop> { base.assumingMemoryBound(to: mt_tcp_drop.self) }
    package var breakout: UnsafePointer<mt_breakout> { base.assumingMemoryBound(to: mt_breakout.self) }
    package var loss: UnsafePointer<mt_loss> { base.assumingMemoryBound(to: mt_loss.self) }
    package var call: UnsafePointer<mt_call> { base.assumingMemoryBound(to: mt_call.self) }
    package var container: UnsafePointer<mt_container> { base.assumingMemoryBound(to: mt_container.self) }

    /// A string of the record, or nil when it was not captured.
    package func string(_ string: mt_str) -> UnsafeRawBufferPointer? {
        string.offset == 0 ? nil : UnsafeRawBufferPointer(start: base + Int(string.offset), count: Int(string.length))
    }

    /// A fixed C string field, up to its terminator.
    package func name(_ offset: Int, capacity: Int = 16) -> UnsafeRawBufferPointer {
        let bytes = UnsafeRawBufferPointer(start: base + offset, count: capacity)
        return UnsafeRawBufferPointer(rebasing: bytes.prefix { $0 != 0 })
    }

    /// One of a connection's addresses: 4 or 16 bytes.
    package func address<Bytes>(_ path: KeyPath<mt_tcp, Bytes>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: base + (MemoryLayout<mt_tcp>.offset(of: path) ?? 0),
            count: tcp.pointee.family == 10 ? 16 : 4
        )
    }

    /// One of a dropped packet's addresses: 4 or 16 bytes.
    package func dropAddress<Bytes>(_ path: KeyPath<mt_tcp_drop, Bytes>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: base + (MemoryLayout<mt_tcp_drop>.offset(of: path) ?? 0),
            count: tcpDrop.pointee.family == 10 ? 16 : 4
        )
    }

    private func load<Value: BitwiseCopyable>(as _: Value.Type = Value.self) -> Value {
        base.loadUnaligned(as: Value.self)
    }

    /// The size of a kind's fixed part; strings begin behind it.
    package static func bodySize(_ kind: EventKind) -> Int {
        switch kind {
        case .fork: MemoryLayout<mt_fork>.size
        case .exec, .snapshot: MemoryLayout<mt_process>.size
        case .execFailed: MemoryLayout<mt_exec_failed>.size
        case .exit: MemoryLayout<mt_exit>.size
        case .open: MemoryLayout<mt_open>.size
        case .heartbeat: MemoryLayout<mt_heartbeat>.size
        case .clock: MemoryLayout<mt_clock>.size
        case .loss: MemoryLayout<mt_loss>.size
        case .breakout: MemoryLayout<mt_breakout>.size
        case .tcp: MemoryLayout<mt_tcp>.size
        case .tcpDrop: MemoryLayout<mt_tcp_drop>.size
        case .shell: MemoryLayout<mt_shell>.size
        case .container: MemoryLayout<mt_container>.size
        case .kprobe, .tracepoint, .uprobe, .usdt, .lsm, .loader: MemoryLayout<mt_call>.size
        }
    }

    private func strings(_ kind: EventKind) -> StringList {
        var list = StringList()
        switch kind {
        case .open, .breakout:  // begins as an open
            list.add(open.pointee.name)
            list.add(open.pointee.path.text)
        case .exec, .snapshot:
            let process = process.pointee
            list.add(process.binary.text)
            list.add(process.cwd.text)
            list.add(process.filename)
            list.add(process.interpreter)
            list.add(process.args)
            list.add(process.env)
            list.add(process.cgroup)
            list.add(process.tty)
        case .execFailed:
            list.add(execFailed.pointee.filename)
            list.add(execFailed.pointee.args)
        case .container:
            let container = container.pointee
            list.add(container.id)
            list.add(container.name)
            list.add(container.image)
            list.add(container.image_id)
            list.add(container.pod)
            list.add(container.pod_namespace)
            list.add(container.pod_container)
            list.add(container.labels)
        case .shell: list.add(shell.pointee.line)
        case .kprobe, .tracepoint, .uprobe, .usdt, .lsm, .loader:
            list.add(call.pointee.values)
            list.add(call.pointee.about)
        case .fork, .exit, .tcp, .tcpDrop, .heartbeat, .clock, .loss: break
        }
        return list
    }

    /// Up to eight strings without an allocation.
    private struct StringList: Sequence, IteratorProtocol {
        private var items = InlineArray<8, mt_str>(repeating: mt_str())
        private var count = 0
        private var position = 0

        mutating func add(_ string: mt_str) {
            items[count] = string
            count += 1
        }

        mutating func next() -> mt_str? {
            guard position < count else { return nil }
            defer { position += 1 }
            return items[position]
        }
    }
}

/// Why bytes are no record.
package enum RecordError: Error, Equatable, Sendable {
    /// Shorter than its kind's fixed part.
    case short
    /// Its length is not that of the bytes that are there.
    case length
    /// A kind that this version does not know.
    case kind(UInt16)
    /// A string lies outside.
    case string
    /// What a call's record holds are no whole items.
    case items
}
