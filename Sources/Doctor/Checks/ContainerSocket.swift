import Glibc

/// A place where a container runtime listens; it is asked nothing, only whether it answers.
package struct ContainerSocket: Sendable {
    /// The runtime's name.
    package var runtime: String
    /// Where its socket may be, the usual place first.
    package var paths: [String]

    package init(runtime: String, paths: [String]) {
        self.runtime = runtime
        self.paths = paths
    }

    package static let all = [
        ContainerSocket(runtime: "docker", paths: ["/run/docker.sock", "/var/run/docker.sock"]),
        ContainerSocket(runtime: "podman", paths: ["/run/podman/podman.sock"]),
        ContainerSocket(
            runtime: "containerd",
            paths: [
                "/run/containerd/containerd.sock", "/run/k3s/containerd/containerd.sock", "/run/k0s/containerd.sock",
                "/var/snap/microk8s/common/run/containerd.sock",
            ]
        ),
        ContainerSocket(runtime: "cri-o", paths: ["/run/crio/crio.sock", "/var/run/crio/crio.sock"]),
    ]

    /// Whether it is there and answers.
    package var check: Check {
        guard let path = paths.first(where: SystemFile.exists) else {
            return Check(.containers, runtime, .notApplicable, "no socket at \(paths[0])")
        }
        let error = Self.connect(path)
        guard error != 0 else { return Check(.containers, runtime, .ok, "answers at \(path)") }
        let reason = String(cString: strerror(error))
        return Check(
            .containers,
            runtime,
            .degraded,
            "\(path) does not answer: \(reason)",
            remedy: error == EACCES
                ? "let martlet's user into the group of \(path)" : "start \(runtime), or remove the socket that it left"
        )
    }

    /// 0, or why nobody answers. Does not wait: a full queue is an answer as well.
    private static func connect(_ path: String) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { return ENAMETOOLONG }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let socket = socket(AF_UNIX, type, 0)
        guard socket >= 0 else { return errno }
        defer { close(socket) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(socket, $0, length) }
        }
        return result == 0 || errno == EAGAIN ? 0 : errno
    }
}
