import Glibc

/// The files of other processes: opened by this one, or by who may do so when this one may not.
struct ProcessFiles {
    let looker: ProcessLooker?

    /// What a process executes.
    func executable(of tgid: UInt32) throws(FileRefusal) -> RegularFile {
        guard let looker else { return try RegularFile("/proc/\(tgid)/exe") }
        return try RegularFile(opened: looker.executable(of: tgid))
    }

    /// Calls `body` with each file of these that there is below the root of a process.
    func files(_ paths: [String], inRootOf tgid: UInt32, _ body: (borrowing RegularFile, String) -> Void) {
        guard let looker else {
            guard let root = try? Folder("/proc/\(tgid)/root") else { return }
            for path in paths {
                if let file = try? RegularFile(path, inRoot: root) { body(file, path) }
            }
            return
        }
        for path in paths {
            if let file = try? RegularFile(opened: looker.file(path, inRootOf: tgid)) { body(file, path) }
        }
    }

    /// The file of a mapping: by the mapping itself, which is never another file, or else by its path.
    func file(_ mapping: MappedFiles.Mapping, of tgid: UInt32) -> RegularFile? {
        guard let looker else {
            if let file = try? RegularFile("/proc/\(tgid)/map_files/\(mapping.range)") { return file }
            guard let root = try? Folder("/proc/\(tgid)/root") else { return nil }
            return try? RegularFile(mapping.path, inRoot: root)
        }
        if let file = try? RegularFile(opened: looker.mapped(mapping.range, of: tgid)) { return file }
        return try? RegularFile(opened: looker.file(mapping.path, inRootOf: tgid))
    }

    /// The readline libraries that a process has mapped.
    func readlineLibraries(of tgid: UInt32) throws(FileRefusal) -> [MappedFiles.Mapping] {
        let descriptor = looker?.maps(of: tgid) ?? open("/proc/\(tgid)/maps", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileRefusal(errno: looker == nil ? errno : -descriptor) }
        return try MappedFiles.readlineLibraries(in: descriptor)
    }

    /// The number of a process' mount namespace.
    func mountNamespace(of tgid: UInt32) -> UInt64? {
        if let looker { return looker.mountNamespace(of: tgid) }
        var namespace = stat()
        return stat("/proc/\(tgid)/ns/mnt", &namespace) == 0 ? UInt64(namespace.st_ino) : nil
    }
}
