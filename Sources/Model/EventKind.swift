import CWire

/// What an event says happened.
package enum EventKind: UInt16, CaseIterable, Sendable {
    case fork = 1
    case exec = 2
    case execFailed = 3
    case exit = 4
    case open = 5
    case heartbeat = 6
    /// A process that already ran when the agent started.
    case snapshot = 7
    /// The wall clock; never seen by users.
    case clock = 8
    case loss = 9
    case tcp = 10
    case shell = 11
    /// What a container engine says of a container.
    case container = 12
    /// Calls that policies ask for.
    case kprobe = 13
    case tracepoint = 14
    case uprobe = 15
    case usdt = 16
    case lsm = 17
    /// A file that is mapped to be executed.
    case loader = 18
    /// A TCP packet that the kernel dropped.
    case tcpDrop = 19
    /// A process in a container came to a file that is not the container's.
    case breakout = 20

    /// The name in options, filters and losses.
    package var name: StaticString {
        switch self {
        case .fork: "fork"
        case .exec: "exec"
        case .execFailed: "exec-failed"
        case .exit: "exit"
        case .open: "open"
        case .heartbeat: "heartbeat"
        case .snapshot: "snapshot"
        case .clock: "clock"
        case .loss: "loss"
        case .tcp: "tcp"
        case .shell: "shell"
        case .container: "container"
        case .kprobe: "kprobe"
        case .tracepoint: "tracepoint"
        case .uprobe: "uprobe"
        case .usdt: "usdt"
        case .lsm: "lsm"
        case .loader: "loader"
        case .tcpDrop: "tcp-drop"
        case .breakout: "breakout"
        }
    }

    /// Whether it is a call that a policy asked for: its record is a `mt_call`.
    package var isCall: Bool { rawValue >= Self.kprobe.rawValue && rawValue <= Self.loader.rawValue }

    /// Whether a hook in the kernel tells it; the agent itself makes the others.
    package var isToldByHooks: Bool {
        switch self {
        case .snapshot, .clock, .loss, .container: false
        case .fork, .exec, .execFailed, .exit, .open, .heartbeat, .tcp, .tcpDrop, .breakout, .shell: true
        case .kprobe, .tracepoint, .uprobe, .usdt, .lsm, .loader: true
        }
    }

    /// The key that holds the event in JSON.
    package var jsonName: StaticString {
        switch self {
        case .fork: "process_fork"
        case .exec: "process_exec"
        case .execFailed: "process_exec_failed"
        case .exit: "process_exit"
        case .open: "process_file"
        case .heartbeat: "heartbeat"
        case .snapshot: "process_snapshot"
        case .clock: "clock"
        case .loss: "loss"
        case .tcp: "process_tcp"
        case .shell: "process_shell"
        case .container: "container"
        case .kprobe: "process_kprobe"
        case .tracepoint: "process_tracepoint"
        case .uprobe: "process_uprobe"
        case .usdt: "process_usdt"
        case .lsm: "process_lsm"
        case .loader: "process_loader"
        case .tcpDrop: "process_tcp_drop"
        case .breakout: "process_breakout"
        }
    }

    /// One sentence for the documentation.
    package var summary: StaticString {
        switch self {
        case .fork: "A process was created; it has not run yet."
        case .exec: "A process started a program: execve or execveat succeeded."
        case .execFailed: "execve or execveat failed; the process goes on as it was."
        case .exit: "A process ended: its last thread did."
        case .open: "open, openat, openat2 or creat returned, with a descriptor or an error."
        case .heartbeat: "The agent called itself through hook, lane and reader: the path is alive."
        case .snapshot: "A process already ran when the agent started."
        case .clock: "The wall clock moved against the boot clock."
        case .loss: "Events were lost since the last such event; says which, why, and how many."
        case .tcp:
            "A TCP connection or listener: its state changed, it was accepted, connect failed, or it was there before."
        case .shell:
            "A line was typed into bash, or into another program that reads lines with GNU readline; it may hold secrets."
        case .container: "A container engine told the name, image and labels of a container."
        case .kprobe: "A function of the kernel was called, as a policy asked to be told."
        case .tracepoint: "A tracepoint of the kernel was passed, as a policy asked to be told."
        case .uprobe: "A function of a program or library was called, as a policy asked to be told."
        case .usdt: "A probe that a program was built with was passed, as a policy asked to be told."
        case .lsm: "A hook of the Linux security modules was called, as a policy asked to be told."
        case .loader: "A file was mapped to be executed, as a policy asked to be told."
        case .tcpDrop: "The kernel dropped a TCP packet."
        case .breakout: "A process in a container opened or executed a file that is not the container's."
        }
    }

    /// What a user sees when nothing was chosen.
    package static let shown: KindSet = [
        .fork, .exec, .execFailed, .exit, .open, .tcp, .loss, .kprobe, .tracepoint, .uprobe, .usdt, .lsm,
        .loader,
    ]
}

/// Why an event that was due did not arrive.
package enum DropReason: Int, CaseIterable, Sendable {
    case ringFull = 0
    case scratchBusy = 1
    case mapFull = 2
    case reentered = 3
    case decode = 4
    case queueFull = 5
    case sinkFailed = 6
    case spoolLimit = 7
    case spoolDamaged = 8
    case killed = 9

    /// The name in losses and summaries.
    package var name: StaticString {
        switch self {
        case .ringFull: "ring_full"
        case .scratchBusy: "scratch_busy"
        case .mapFull: "map_full"
        case .reentered: "reentered"
        case .decode: "decode"
        case .queueFull: "queue_full"
        case .sinkFailed: "sink_failed"
        case .spoolLimit: "spool_limit"
        case .spoolDamaged: "spool_damaged"
        case .killed: "killed"
        }
    }

    /// What it means and what to do about it.
    package var remedy: StaticString {
        switch self {
        case .ringFull: "the reader could not keep up with a lane: raise --ring-size, or narrow --event"
        case .scratchBusy: "a program was interrupted by itself more deeply than there are scratch buffers"
        case .mapFull: "a kernel map had no room"
        case .reentered: "the kernel did not run a program because it already ran on the same CPU"
        case .decode: "a record was damaged or is of another version"
        case .queueFull: "the output was slower than the events: use a faster one, or narrow --event"
        case .sinkFailed: "the output refused the events; the log says why"
        case .spoolLimit:
            "the output was away until the spool was full or events too old: raise --spool-size or --spool-age"
        case .spoolDamaged: "a file of the spool was damaged or of another version; the log names it"
        case .killed: "an agent ended without closing its books, and these were in its memory only"
        }
    }
}
