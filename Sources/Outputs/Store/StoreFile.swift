import Glibc

/// Where a store is, and whether what lies there may be used as one.
package enum StoreFile {
    /// Where systemd says (StateDirectory=); below /var/lib for root, below the user's own state otherwise (XDG base
    /// directories).
    package static var standardPath: String {
        let variable = { (name: String) in getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 } }
        if let folder = variable("STATE_DIRECTORY")?.split(separator: ":").first { return folder + "/events.db" }
        if geteuid() == 0 { return machinePath }
        let state = variable("XDG_STATE_HOME") ?? (variable("HOME") ?? "/") + "/.local/state"
        return state + "/martlet/events.db"
    }

    /// Where to look for a store: a user's own, or else the machine's.
    package static var readablePath: String {
        access(standardPath, F_OK) != 0 && access(machinePath, F_OK) == 0 ? machinePath : standardPath
    }

    /// Root's, and that of the user whom an agent becomes.
    package static let machinePath = "/var/lib/martlet/events.db"

    /// The first bytes of every database file.
    private static let magic = Array("SQLite format 3".utf8) + [0]

    /// Opens the file, makes it when it is missing, and keeps every other agent away until the descriptor is closed.
    ///
    /// - Returns: a descriptor that must outlive SQLite's own: closing one lets go of all of a process' locks on a file.
    static func take(_ path: String) throws(StoreFailure) -> Int32 {
        makeFolders(for: path)
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else { throw StoreFailure(path, reason(errno)) }
        do throws(StoreFailure) {
            try check(descriptor, path)
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                throw StoreFailure(path, "another martlet writes to this store: end it, or choose another file")
            }
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// Whether there is a store to read from.
    static func checkReadable(_ path: String) throws(StoreFailure) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard descriptor >= 0 else {
            guard errno == ENOENT || errno == ENOTDIR else { throw StoreFailure(path, reason(errno)) }
            throw StoreFailure(path, "no store: martlet run --sink sqlite makes one, --store names another")
        }
        // Before SQLite has the file: see `take`.
        defer { close(descriptor) }
        try checkKind(descriptor, path)
    }

    private static func check(_ descriptor: Int32, _ path: String) throws(StoreFailure) {
        let information = try checkKind(descriptor, path)
        // Whoever put it there could read what we write.
        guard information.st_uid == geteuid() else {
            throw StoreFailure(path, "belongs to another user: remove it or choose another file")
        }
    }

    @discardableResult
    private static func checkKind(_ descriptor: Int32, _ path: String) throws(StoreFailure) -> stat {
        var information = stat()
        guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
            throw StoreFailure(path, "not a file: choose another")
        }
        var head = [UInt8](repeating: 0, count: magic.count)
        let count = pread(descriptor, &head, head.count, 0)
        guard information.st_size == 0 || count == magic.count && head == magic else {
            throw StoreFailure(path, "this is no SQLite database: choose another file")
        }
        return information
    }

    private static func reason(_ number: Int32) -> String {
        switch number {
        case EACCES, EPERM, EROFS:
            "\(String(cString: strerror(number))): look at the permissions of the file and its folder, or choose another file"
        case ENOENT: "\(String(cString: strerror(number))): make its folder first"
        default: String(cString: strerror(number))
        }
    }

    /// Those of the standard place alone: what a user wrote wrong should not come to be.
    private static func makeFolders(for path: String) {
        guard path == standardPath else { return }
        var folder = ""
        for part in path.split(separator: "/").dropLast() {
            folder += "/" + part
            mkdir(folder, 0o700)
        }
    }
}
