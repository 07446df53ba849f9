import CLinux
import Glibc

/// An open regular file that somebody else may have made: what it is was asked before anything of it was read.
struct RegularFile: ~Copyable {
    /// Open for reading, or by its name alone when reading it is not allowed.
    let descriptor: Int32
    /// Its content's place.
    let identity: FileIdentity
    /// Its number in its file system.
    let inode: UInt64

    deinit { close(descriptor) }

    /// Opens a file by a path that the kernel resolves, such as /proc/PID/exe.
    init(_ path: String) throws(FileRefusal) {
        try self.init(named: open(path, CLINUX_O_PATH | O_CLOEXEC), errno)
    }

    /// Opens a file below a folder as if that were the root, so that a link in it cannot lead out.
    init(_ path: String, inRoot root: borrowing Folder) throws(FileRefusal) {
        let descriptor = clinux_open_in_root(root.descriptor, path, CLINUX_O_PATH | O_CLOEXEC)
        try self.init(named: descriptor, -descriptor)
    }

    /// Takes over what another process has opened; a number below 0 is an error's.
    init(opened descriptor: Int32) throws(FileRefusal) {
        var information = stat()
        guard descriptor >= 0 else { throw FileRefusal(errno: -descriptor) }
        guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw FileRefusal(errno: ENXIO)
        }
        self.descriptor = descriptor
        inode = UInt64(information.st_ino)
        identity = FileIdentity(information, descriptor)
    }

    private init(named: Int32, _ error: Int32) throws(FileRefusal) {
        guard named >= 0 else { throw FileRefusal(errno: error) }
        defer { close(named) }
        var information = stat()
        // A device or a pipe would do something when it is opened.
        guard fstat(named, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
            throw FileRefusal(errno: ENXIO)
        }
        let descriptor = open("/proc/self/fd/\(named)", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw FileRefusal(errno: errno) }
        self.descriptor = descriptor
        inode = UInt64(information.st_ino)
        identity = FileIdentity(information, descriptor)
    }
}

/// A folder to open files below.
struct Folder: ~Copyable {
    let descriptor: Int32

    init(_ path: String) throws(FileRefusal) {
        descriptor = open(path, CLINUX_O_PATH | O_DIRECTORY | O_CLOEXEC)
        if descriptor < 0 { throw FileRefusal(errno: errno) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}

/// Why a file was not opened.
struct FileRefusal: Error {
    let errno: Int32

    /// The agent may not look at it, as opposed to: there is none.
    var isForbidden: Bool { errno == EACCES || errno == EPERM }
}

/// What tells one file's content from another's, whatever path leads to it.
struct FileIdentity: Hashable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int64
    private let modified: Int64
    private let modifiedNanoseconds: Int64

    init(_ information: stat, _ descriptor: Int32) {
        // A hook is on the file below an overlay. Containers of one image share it: same number and times, other device.
        device = clinux_is_on_overlay(descriptor) != 0 ? 0 : UInt64(information.st_dev)
        inode = UInt64(information.st_ino)
        size = Int64(information.st_size)
        modified = Int64(information.st_mtim.tv_sec)
        modifiedNanoseconds = Int64(information.st_mtim.tv_nsec)
    }
}
