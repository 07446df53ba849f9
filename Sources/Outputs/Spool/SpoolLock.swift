import Glibc

/// The folder of a spool: made where it is missing, and nobody else's until this ends.
struct SpoolLock: ~Copyable {
    private let descriptor: Int32

    init(_ folder: String) throws(SinkFailure) {
        try Self.make(folder)
        let descriptor = open(folder + "/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Self.failure(folder, errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw SinkFailure("\(folder): another martlet uses this spool: end it, or choose another --spool-dir")
        }
        self.descriptor = descriptor
    }

    deinit {
        // By name, and not by closing alone: a child that is about to execute something has the descriptor as well.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Whether a folder is a spool with events in it that no agent uses now.
    static func isLeftBehind(_ folder: String) -> Bool {
        let descriptor = open(folder + "/lock", O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return false }
        return SpoolRecovery.names(folder).contains { name in
            SpoolSegment(path: folder + "/" + name).map { $0.end > $0.first } ?? false
        }
    }

    private static func make(_ folder: String) throws(SinkFailure) {
        var path = ""
        for part in folder.split(separator: "/", omittingEmptySubsequences: true) {
            path += folder.hasPrefix("/") || !path.isEmpty ? "/\(part)" : "\(part)"
            mkdir(path, 0o700)
        }
        var information = stat()
        guard stat(folder, &information) == 0 else { throw failure(folder, errno) }
        guard information.st_mode & S_IFMT == S_IFDIR else { throw failure(folder, ENOTDIR) }
        // Whoever may put files there could have us deliver what never happened.
        guard information.st_uid == geteuid(), information.st_mode & 0o022 == 0 else {
            throw SinkFailure(
                "\(folder): belongs to another user, or others may write in it: chown and chmod 700 it, or choose another --spool-dir"
            )
        }
    }

    private static func failure(_ folder: String, _ number: Int32) -> SinkFailure {
        SinkFailure(
            "\(folder): \(String(cString: strerror(number))): choose another --spool-dir for what waits for a sink"
        )
    }
}
