import Model

/// Which sockets may know a container.
package struct EngineSockets: Sendable {
    /// Of the engines that run as root.
    private var system: [EngineSocket]

    /// Where engines listen unless they are told otherwise.
    package init() {
        system = [
            EngineSocket(.docker, "/run/docker.sock"), EngineSocket(.docker, "/var/run/docker.sock"),
            EngineSocket(.podman, "/run/podman/podman.sock"),
        ]
    }

    /// With these instead of the usual ones of the same engines.
    package init(replacing sockets: [EngineSocket]) {
        self.init()
        let engines = Set(sockets.map(\.engine))
        system = system.filter { !engines.contains($0.engine) } + sockets
    }

    /// Those to ask about a container; none where no engine with a socket keeps it.
    func of(_ container: Container) -> [EngineSocket] {
        let engine: EngineSocket.Engine
        switch container.runtime {
        // A pod of the cgroupfs driver may be docker's.
        case .docker, .kubernetes: engine = .docker
        case .podman: engine = .podman
        default: return []
        }
        let user = container.user
        guard user != 0 else { return system.filter { $0.engine == engine } }
        let path = engine == .docker ? "/run/user/\(user)/docker.sock" : "/run/user/\(user)/podman/podman.sock"
        return [EngineSocket(engine, path, owner: user)]
    }
}
