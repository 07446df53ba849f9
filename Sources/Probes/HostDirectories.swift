import BPF
import CLinux
import Glibc
import Model

/// What the running kernel calls the host's own places.
enum HostDirectories {
    /// The host's mount namespace by its inode number: that of process 1; where it is hidden, as on some hosted machines, of
    /// the father of all kernel threads; the agent's own where this process may look at neither.
    static func namespace() -> UInt32 {
        for path in ["/proc/1/ns/mnt", "/proc/2/ns/mnt", "/proc/self/ns/mnt"] {
            var information = stat()
            if stat(path, &information) == 0 { return UInt32(truncatingIfNeeded: information.st_ino) }
        }
        return 0
    }

    /// `struct host_directory` of the programs.
    struct Key: BitwiseCopyable {
        var inode: UInt64
        var device: UInt32
        var padding: UInt32 = 0
    }

    /// The system directories by the kernel's numbers: on btrfs and overlayfs stat tells other numbers.
    static func keys() throws(BPFError) -> [Key] {
        let object = try BPFObject(HostSkeleton.self).load()
        let program = try object.program(.file_numbers)
        let data = try object.zeroData
        var list: [Key] = []
        for path in HostPaths.system {
            // The host's root, also where the agent has another one.
            var descriptor = open("/proc/1/root" + path, CLINUX_O_PATH | O_DIRECTORY | O_CLOEXEC)
            if descriptor < 0 { descriptor = open(path, CLINUX_O_PATH | O_DIRECTORY | O_CLOEXEC) }
            guard descriptor >= 0 else { continue }
            defer { close(descriptor) }
            data.descriptor = UInt32(descriptor)
            _ = try program.run()
            guard data.inode_number != 0 else { continue }
            list.append(Key(inode: data.inode_number, device: data.device))
        }
        return list
    }
}
