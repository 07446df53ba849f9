import CLinux
import CPrivileges
import Glibc

/// The folders and files that a plan has the agent write, opened by their names: looked at as the user that it is now.
struct WritablePlaces: ~Copyable {
    private var folders: [Int32] = []
    private var files: [Int32] = []
    private let plan: PrivilegePlan

    /// - Throws: when one is not there, or is not this user's to write.
    init(_ plan: PrivilegePlan) throws(PrivilegeError) {
        self.plan = plan
        for folder in plan.folders { try add(folder: folder) }
        for file in plan.files {
            var information = stat()
            let folder = PrivilegePlan.folder(of: file)
            guard stat(file, &information) == 0 else {
                try add(folder: folder)
                continue
            }
            if information.st_mode & S_IFMT == S_IFREG {
                try checkOwner(file, information)
                // Whoever takes it away, to have a new one made, finds that.
                if access(folder, W_OK | X_OK) == 0 { try add(folder: folder) }
            }
            files.append(try Self.open(file, 0))
        }
    }

    deinit { for descriptor in folders + files { close(descriptor) } }

    private mutating func add(folder: String) throws(PrivilegeError) {
        folders.append(try Self.open(folder, O_DIRECTORY))
        guard access(folder, W_OK | X_OK) == 0 else { throw Self.error(folder, errno) }
    }

    private func checkOwner(_ file: String, _ information: stat) throws(PrivilegeError) {
        guard information.st_uid != geteuid() else { return }
        throw PrivilegeError(.places, "\(file) belongs to user \(information.st_uid)", remedy: Self.remedy(file))
    }

    private static func open(_ path: String, _ flags: Int32) throws(PrivilegeError) -> Int32 {
        let descriptor = Glibc.open(path, CLINUX_O_PATH | O_CLOEXEC | flags)
        guard descriptor >= 0 else { throw error(path, errno) }
        return descriptor
    }

    private static func error(_ path: String, _ number: Int32) -> PrivilegeError {
        PrivilegeError(
            .places,
            "\(path): \(String(cString: strerror(number)))",
            remedy: number == ENOENT ? "make it, for user \(geteuid()) to write in" : remedy(path)
        )
    }

    private static func remedy(_ path: String) -> String {
        "chown \(geteuid()) \(path), StateDirectory= or LogsDirectory= in the unit, or another place"
    }

    /// From here on nothing else is written. The version of Landlock, or nil where the kernel has none.
    func restrict() throws(PrivilegeError) -> Int? {
        let result = folders.withUnsafeBufferPointer { folders in
            files.withUnsafeBufferPointer { files in
                plan.ports.withUnsafeBufferPointer { ports in
                    var places = cprivileges_places()
                    places.folders = folders.baseAddress
                    places.folder_count = folders.count
                    places.files = files.baseAddress
                    places.file_count = files.count
                    places.ports = ports.baseAddress
                    places.port_count = ports.count
                    places.abstract_sockets = plan.usesAbstractSockets
                    return cprivileges_landlock(&places)
                }
            }
        }
        switch -result {
        case ENOSYS, EOPNOTSUPP: return nil
        case let error where error > 0: throw PrivilegeError(.landlock, errno: error)
        default: return Int(result)
        }
    }
}
