import CWire

/// Whoever owns what a record is about need not be the one who was running when it happened: then the thread and the
/// user of that moment are somebody else's.
extension Record {
    /// Whether the header's thread and user are those of the process.
    private var isOfOwner: Bool { header.flags & UInt16(MT_FLAG_ANY_EXECUTION) == 0 }

    /// The process' thread that did it; nil when the process was not running.
    package var tid: UInt32? { isOfOwner ? header.tid : nil }

    /// Whom filters choose by: the effective user at the event, or, of a process that was not running, of its program.
    package func user(of process: Execution?) -> UInt32 {
        guard !isOfOwner, let program = process?.process else { return header.uid }
        return program.pointee.credentials.euid
    }
}
