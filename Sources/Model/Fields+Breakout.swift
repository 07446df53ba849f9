import CWire

extension Fields {
    static let breakout: [Field] =
        [
            Field(
                "way",
                "string",
                "namespace: the file lies in another mount namespace (reached through /proc/PID/root, a descriptor that was left "
                    + "open, …); bind: it lies below a system directory of the host that is mounted into the container.",
                from: "struct mount of the file"
            ) {
                switch mt_breakout_way(UInt32($0.breakout.pointee.way)) {
                case MT_BREAKOUT_NAMESPACE: .name("namespace")
                case MT_BREAKOUT_BIND: .name("bind")
                default: .absent
                }
            },
            Field(
                "mnt_ns",
                "number",
                "The inode number of the mount namespace that the file lies in; path is told from its root.",
                from: "struct mount of the file"
            ) { $0.breakout.pointee.mnt_ns == 0 ? .absent : .number(Int64($0.breakout.pointee.mnt_ns)) },
        ] + open.filter { $0.name != "error" }.map(ofBreakout)

    /// What only an open has.
    private static let ofOpensAlone: Set<String> = ["dfd", "flags", "mode", "resolve", "result"]

    /// The same field of the open that the record begins with.
    private static func ofBreakout(_ field: Field) -> Field {
        guard case .record(let read) = field.source else { return field }
        let isOfOpensAlone = ofOpensAlone.contains(field.name)
        let isOperation = field.name == "operation"
        let summary =
            switch field.name {
            case "operation": "open, openat, openat2 or creat; execve: the file was executed."
            case "path": "The file, from the root of its own mount namespace."
            default: field.summary
            }
        return Field(field.name, field.type, summary, from: field.origin) {
            guard $0.open.pointee.call == MT_EXECUTED.rawValue else { return read($0) }
            return isOperation ? .name("execve") : isOfOpensAlone ? .absent : read($0)
        }
    }
}
