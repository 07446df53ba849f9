import Glibc

/// podman with a store of its own, by the manager of control groups that the machine has.
enum Podman {
    static func command(in root: ContainerRoot) throws -> [String] {
        let programs = try Programs.need("podman", "runc", "busybox", "conmon")
        let manager = access("/run/systemd/system", F_OK) == 0 ? "systemd" : "cgroupfs"
        return [
            programs[0], "--cgroup-manager=\(manager)", "--runtime", "runc", "--storage-driver", "vfs", "--root",
            root("store"), "--runroot", root("run"), "--events-backend", "file",
        ]
    }

    /// What its containers may not have more of than this machine gives.
    static let limits = [
        "--network", "none", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024",
    ]
}
