import Model

/// Which sockets may know a container.
package struct EngineSockets: Sendable {
    /// Of the engines that run as root.
    package private(set) var system: [EngineSocket]
    private var connector: EngineConnector?

    /// Where engines listen unless they are told otherwise.
    package init() {
        system = [
            EngineSocket(.docker, "/run/docker.sock"), EngineSocket(.docker, "/var/run/docker.sock"),
            EngineSocket(.podman, "/run/podman/podman.sock"),
            // As packages have it, k3s and RKE2, k0s, MicroK8s.
            EngineSocket(.containerd, "/run/containerd/containerd.sock"),
            EngineSocket(.containerd, "/run/k3s/containerd/containerd.sock"),
            EngineSocket(.containerd, "/run/k0s/containerd.sock"),
            EngineSocket(.containerd, "/var/snap/microk8s/common/run/containerd.sock"),
            EngineSocket(.crio, "/run/crio/crio.sock"), EngineSocket(.crio, "/var/run/crio/crio.sock"),
        ]
    }

    /// With these instead of the usual ones of the same engines.
    package init(replacing sockets: [EngineSocket]) {
        self.init()
        let engines = Set(sockets.map(\.engine))
        system = system.filter { !engines.contains($0.engine) } + sockets
    }

    /// The same, connected to by a process that may do that; nil: by this one.
    package func connected(by connector: EngineConnector?) -> EngineSockets {
        var sockets = self
        sockets.connector = connector
        return sockets
    }

    /// Those to ask about a container; none where no engine with a socket keeps it.
    func of(_ container: Container) -> [EngineSocket] {
        all(of: container).map { socket in
            var socket = socket
            socket.connector = connector
            return socket
        }
    }

    private func all(of container: Container) -> [EngineSocket] {
        let user = container.user
        return switch (container.runtime, user) {
        case (.docker, 0): of(.docker)
        case (.podman, 0): of(.podman)
        case (.containerd, 0): of(.containerd)
        case (.crio, 0): of(.crio)
        // The cgroupfs driver's path tells the pod and not the engine.
        case (.kubernetes, 0): of(.containerd) + of(.crio) + of(.docker)
        case (.docker, _): [.ofUser(user, .docker)]
        case (.podman, _): [.ofUser(user, .podman)]
        // A rootless containerd listens in a mount namespace of its own.
        default: []
        }
    }

    private func of(_ engine: EngineSocket.Engine) -> [EngineSocket] {
        system.filter { $0.engine == engine }
    }
}

extension EngineSocket {
    /// Where the engines of users listen, with %u for the user's number.
    static let userPaths: [(engine: Engine, path: String)] = [
        (.docker, "/run/user/%u/docker.sock"), (.podman, "/run/user/%u/podman/podman.sock"),
    ]

    static func ofUser(_ user: UInt32, _ engine: Engine) -> EngineSocket {
        let path = userPaths.first { $0.engine == engine }?.path ?? ""
        return EngineSocket(engine, path.replacing("%u", with: "\(user)"), owner: user)
    }
}
