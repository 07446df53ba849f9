import CWire
import Model

/// Good records of each kind, as the kernel programs write them.
package enum Records {
    package static func fork(_ child: Who, of parent: Who, at time: UInt64, comm: String = "sh") -> [UInt8] {
        var record = RecordBytes(zero(mt_fork.self), .fork, child, at: time)
        record.body.parent_tgid = parent.tgid
        record.body.caller_tgid = parent.tgid
        record.body.caller_start = parent.start
        record.body.parent_start = parent.start
        setName(&record.body.comm, comm)
        return record.bytes
    }

    package static func exec(
        _ who: Who,
        of parent: Who,
        at time: UInt64,
        binary: String = "/usr/bin/true",
        args: [String] = ["true"],
        _ change: (inout RecordBytes<mt_process>) -> Void = { _ in }
    ) -> [UInt8] {
        process(.exec, who, parent, time, binary, args, change)
    }

    package static func snapshot(
        _ who: Who,
        of parent: Who,
        at time: UInt64,
        binary: String = "/usr/sbin/init",
        args: [String] = ["init"],
        _ change: (inout RecordBytes<mt_process>) -> Void = { _ in }
    ) -> [UInt8] {
        process(.snapshot, who, parent, time, binary, args, change)
    }

    private static func process(
        _ kind: EventKind,
        _ who: Who,
        _ parent: Who,
        _ time: UInt64,
        _ binary: String,
        _ args: [String],
        _ change: (inout RecordBytes<mt_process>) -> Void
    ) -> [UInt8] {
        var record = RecordBytes(zero(mt_process.self), kind, who, at: time)
        record.body.parent_tgid = parent.tgid
        record.body.parent_start = parent.start
        record.body.argc = UInt32(args.count)
        record.body.ns_tgid = who.tgid
        record.body.links = 1
        record.body.binary.inode = 4711
        record.body.binary.device = 8 << 20 | 1
        record.body.binary.mode = 0o100755
        record.body.credentials.loginuid = .max
        record.body.credentials.euid = 1000
        record.body.namespaces.pid = 4_026_531_836
        record.body.binary.text = record.text(binary)
        record.body.cwd.text = record.text("/srv")
        record.body.filename = record.text(binary)
        record.body.args = record.list(args)
        record.body.cgroup = record.text("/system.slice/test.service")
        setName(&record.body.comm, binary.split(separator: "/").last.map(String.init) ?? "")
        change(&record)
        return record.bytes
    }

    package static func execFailed(
        _ who: Who,
        at time: UInt64,
        filename: String = "/no/such",
        args: [String] = ["such", "one two"],
        result: Int32 = -2
    ) -> [UInt8] {
        var record = RecordBytes(zero(mt_exec_failed.self), .execFailed, who, at: time)
        record.body.result = result
        record.body.dfd = -100
        record.body.argc = UInt32(args.count)
        record.body.filename = record.text(filename)
        record.body.args = record.list(args)
        return record.bytes
    }

    package static func exit(_ who: Who, at time: UInt64, status: Int32 = 0) -> [UInt8] {
        var record = RecordBytes(zero(mt_exit.self), .exit, who, at: time)
        record.body.status = status
        return record.bytes
    }

    /// An open of `name` that came to `path`, and failed if that is nil.
    package static func open(
        _ who: Who,
        at time: UInt64,
        name: String = "motd",
        path: String? = "/etc/motd",
        _ change: (inout RecordBytes<mt_open>) -> Void = { _ in }
    ) -> [UInt8] {
        var record = RecordBytes(zero(mt_open.self), .open, who, at: time)
        record.body.call = 1
        record.body.dfd = -100
        record.body.result = path == nil ? -2 : 3
        record.body.name = record.text(name)
        record.body.path.text = record.text(path)
        if path != nil {
            record.body.path.inode = 99
            record.body.path.device = 8 << 20 | 2
            record.body.path.mode = 0o100644
        }
        change(&record)
        return record.bytes
    }

    /// A change of state of an IPv4 connection from 10.0.0.1:40000 to 10.0.0.2:443; nobody's when `owner` is nil.
    package static func tcp(
        owner: Who?,
        onCPU: Who,
        at time: UInt64,
        from old: UInt8 = 2,
        to new: UInt8 = 1,
        _ change: (inout RecordBytes<mt_tcp>) -> Void = { _ in }
    ) -> [UInt8] {
        var record = RecordBytes(zero(mt_tcp.self), .tcp, owner ?? Who(0, start: 0), at: time)
        if owner.map({ $0.tgid != onCPU.tgid }) ?? true {
            record.header.flags = UInt16(MT_FLAG_ANY_EXECUTION)
            record.header.uid = .max
        }
        record.body.cpu_tgid = onCPU.tgid
        record.body.cpu_tid = onCPU.tgid
        record.body.cpu_start = onCPU.start
        setName(&record.body.cpu_comm, "curl")
        record.body.old_state = old
        record.body.new_state = new
        record.body.family = 2
        record.body.protocol = 6
        record.body.sport = 40000
        record.body.dport = 443
        withUnsafeMutableBytes(of: &record.body.saddr) { $0.copyBytes(from: [10, 0, 0, 1]) }
        withUnsafeMutableBytes(of: &record.body.daddr) { $0.copyBytes(from: [10, 0, 0, 2]) }
        record.body.socket = 0xffff_8880_1234_5678
        record.body.netns = 4_026_531_840
        record.body.marks = UInt32(MT_TCP_HAS_SOCKET)
        record.body.inode = 31337
        record.body.uid = 1000
        record.body.gid = 100
        record.body.socket_state = 2
        change(&record)
        return record.bytes
    }

    /// A SYN from 10.0.0.1:40000 to 10.0.0.2:443 that was dropped; of no socket when `owner` is nil.
    package static func tcpDrop(
        owner: Who?,
        onCPU: Who,
        at time: UInt64,
        reason: String? = "NO_SOCKET",
        _ change: (inout RecordBytes<mt_tcp_drop>) -> Void = { _ in }
    ) -> [UInt8] {
        var record = RecordBytes(zero(mt_tcp_drop.self), .tcpDrop, owner ?? Who(0, start: 0), at: time)
        if owner.map({ $0.tgid != onCPU.tgid }) ?? true {
            record.header.flags = UInt16(MT_FLAG_ANY_EXECUTION)
            record.header.uid = .max
        }
        record.body.cpu_tgid = onCPU.tgid
        record.body.cpu_tid = onCPU.tgid
        record.body.cpu_start = onCPU.start
        setName(&record.body.cpu_comm, "curl")
        record.body.family = 2
        record.body.sport = 40000
        record.body.dport = 443
        record.body.flags = 2
        record.body.seq = 0xdead_beef
        record.body.netns = 4_026_531_840
        withUnsafeMutableBytes(of: &record.body.saddr) { $0.copyBytes(from: [10, 0, 0, 1]) }
        withUnsafeMutableBytes(of: &record.body.daddr) { $0.copyBytes(from: [10, 0, 0, 2]) }
        if let reason {
            record.body.reason = 3
            withUnsafeMutableBytes(of: &record.body.reason_name) { $0.copyBytes(from: Array(reason.utf8)) }
        }
        if owner != nil {
            record.body.socket = 0xffff_8880_1234_5678
            record.body.state = 1
        }
        change(&record)
        return record.bytes
    }

    /// An open of the host's /etc/shadow, or an exec of it.
    package static func breakout(
        _ who: Who,
        at time: UInt64,
        way: UInt32 = 1,
        _ change: (inout RecordBytes<mt_breakout>) -> Void = { _ in }
    ) -> [UInt8] {
        var record = RecordBytes(zero(mt_breakout.self), .breakout, who, at: time)
        record.body.open.call = 1
        record.body.open.dfd = -100
        record.body.open.result = 3
        record.body.open.name = record.text("/proc/1/root/etc/shadow")
        record.body.open.path.text = record.text("/etc/shadow")
        record.body.open.path.inode = 99
        record.body.open.path.device = 8 << 20 | 2
        record.body.open.path.mode = 0o100640
        record.body.way = way
        record.body.mnt_ns = 4_026_531_841
        change(&record)
        return record.bytes
    }

    /// A line that was typed; nil: it could not be read.
    package static func shell(_ who: Who, at time: UInt64, line: [UInt8]?, marks: Int32 = 0) -> [UInt8] {
        var record = RecordBytes(zero(mt_shell.self), .shell, who, at: time)
        record.body.line = record.text(line)
        record.body.marks = UInt32(marks)
        return record.bytes
    }

    package static func heartbeat(lane: UInt32, number: UInt32, at time: UInt64) -> [UInt8] {
        var record = RecordBytes(zero(mt_heartbeat.self), .heartbeat, Who(0, start: 0), at: time)
        record.body.lane = lane
        record.body.number = number
        return record.bytes
    }

    package static func clock(wall: UInt64, at time: UInt64) -> [UInt8] {
        var record = RecordBytes(zero(mt_clock.self), .clock, Who(0, start: 0), at: time)
        record.body.wall = wall
        return record.bytes
    }

    package static func loss(kind: UInt32, reason: UInt32, count: UInt64, at time: UInt64) -> [UInt8] {
        var record = RecordBytes(zero(mt_loss.self), .loss, Who(0, start: 0), at: time)
        record.body.kind = kind
        record.body.reason = reason
        record.body.count = count
        return record.bytes
    }

    /// An engine's answer about the container `id`.
    package static func container(
        _ id: String,
        at time: UInt64,
        name: String? = "web",
        image: String? = "registry/web:1",
        labels: [String] = ["tier=front"],
        _ change: (inout RecordBytes<mt_container>) -> Void = { _ in }
    ) -> [UInt8] {
        var record = RecordBytes(zero(mt_container.self), .container, Who(0, start: 0), at: time)
        record.body.engine = 1
        record.body.id = record.text(id)
        record.body.name = record.text(name)
        record.body.image = record.text(image)
        record.body.labels = record.list(labels)
        change(&record)
        return record.bytes
    }

    /// One of each kind, in an order that makes sense.
    package static func ofEachKind() -> [[UInt8]] {
        let first = Who(1, start: 0)
        let shell = Who(40, start: 4000)
        let child = Who(41, start: 5000)
        return [
            clock(wall: 1_764_000_000_000_000_000, at: 10),
            snapshot(first, of: Who(0, start: 0), at: 20),
            snapshot(shell, of: first, at: 20, binary: "/usr/bin/bash", args: ["-bash"]),
            fork(child, of: shell, at: 5000, comm: "bash"),
            execFailed(child, at: 5100),
            exec(child, of: shell, at: 5200, binary: "/usr/bin/cat", args: ["cat", "two words", "ü"]) {
                $0.body.env = $0.list(["LANG=C", "EMPTY="])
                $0.body.tty = $0.text("pts/1")
                $0.body.interpreter = $0.text("/bin/sh")
                $0.body.credentials.effective = 1 << 21 | 1 << 60
            },
            open(child, at: 5300),
            open(child, at: 5400, path: nil),
            tcp(owner: child, onCPU: child, at: 5450),
            tcpDrop(owner: nil, onCPU: child, at: 5460),
            breakout(child, at: 5470),
            exit(child, at: 5500, status: 1 << 8),
            heartbeat(lane: 0, number: 1, at: 5600),
            loss(kind: 5, reason: 0, count: 12, at: 5700),
            Records.shell(shell, at: 5800, line: Array("cat 'two words'".utf8)),
            container(String(repeating: "c", count: 64), at: 5800),
        ] + callsOfEachKind(shell, at: 5900)
    }
}
