/// A component of a control group's path that stands for a container.
struct ContainerName {
    let runtime: ContainerRuntime
    /// Where its id stands in the path.
    let id: Range<Int>

    /// Nil when the component is not a container's.
    ///
    /// - Parameters:
    ///   - depth: how many components stand above it, from the root or from the container that it lies in.
    ///   - isInPod: it lies in a pod's group.
    init?(_ name: PathPiece, parent: PathPiece?, grandparent: PathPiece?, depth: Int, isInPod: Bool) {
        // A name of LXC's may look like anything, a unit's included.
        if let id = name.dropping(prefix: "lxc.payload."), id.count > 0 {
            self.init(.lxc, id)
        } else if let stem = name.dropping(suffix: ".scope") {
            self.init(scope: stem)
        } else if let machine = name.dropping(prefix: "systemd-nspawn@")?.dropping(suffix: ".service") {
            guard machine.count > 0 else { return nil }
            self.init(.nspawn, machine)
        } else if name.isUnit || name.dropping(suffix: ".slice") != nil {
            return nil
        } else {
            self.init(folder: name, parent, grandparent, depth, isInPod)
        }
    }

    private init(_ runtime: ContainerRuntime, _ id: PathPiece) {
        self.runtime = runtime
        self.id = id.range
    }

    /// What stands before the id, with a hyphen in scopes and with a colon where runc was given a scope's name and made
    /// a plain group of it.
    private static let engines: [(prefix: StaticString, runtime: ContainerRuntime)] = [
        ("docker", .docker), ("cri-containerd", .containerd), ("crio", .crio), ("libpod", .podman),
        ("libpod-payload", .podman), ("nerdctl", .containerd),
    ]

    private init?(engine name: PathPiece, separator: UInt8) {
        for (prefix, runtime) in Self.engines {
            guard let rest = name.dropping(prefix: prefix), rest.count == 65, rest.bytes[0] == separator else {
                continue
            }
            let id = rest.suffix(from: 1)
            guard id.isEngineID else { continue }
            self.init(runtime, id)
            return
        }
        return nil
    }

    /// A group that systemd made for the engine.
    private init?(scope stem: PathPiece) {
        if let found = ContainerName(engine: stem, separator: UInt8(ascii: "-")) {
            self = found
        } else if let machine = stem.dropping(prefix: "machine-"), machine.count > 0 {
            self.init(machine: machine)
        } else if let id = stem.dropping(prefix: "runc-"), id.count > 0 {
            self.init(.runc, id)
        } else if let id = stem.dropping(prefix: "crun-"), id.count > 0 {
            self.init(.crun, id)
        } else {
            return nil
        }
    }

    /// What is registered with systemd-machined; hyphens of its name are escaped.
    private init?(machine: PathPiece) {
        func of(_ kind: StaticString) -> PathPiece? {
            guard let rest = machine.dropping(prefix: kind) else { return nil }
            return rest.dropping(prefix: #"\x2d"#) ?? rest.dropping(prefix: "-")
        }
        // A virtual machine's process is the host's own.
        if of("qemu") != nil { return nil }
        if let id = of("rkt") {
            self.init(.rkt, id)
        } else {
            self.init(of("lxc") == nil ? .nspawn : .libvirtLXC, machine)
        }
    }

    /// A group that the engine made by itself.
    private init?(
        folder name: PathPiece,
        _ parent: PathPiece?,
        _ grandparent: PathPiece?,
        _ depth: Int,
        _ isInPod: Bool
    ) {
        if let found = ContainerName(engine: name, separator: UInt8(ascii: "-")) {
            self = found
        } else if let colon = name.bytes.firstIndex(of: UInt8(ascii: ":")),
            let found = ContainerName(engine: name.suffix(from: colon + 1), separator: UInt8(ascii: ":"))
        {
            self = found
        } else if let id = name.dropping(suffix: ".libvirt-lxc"), id.count > 0 {
            self.init(.libvirtLXC, id)
        } else if name.isEngineID {
            // podman's pods are called like containers.
            if let parent, parent == "libpod_parent" { return nil }
            let isOfContainerd = parent.map { $0 == "default" || $0 == "k8s.io" } ?? false
            self.init(isInPod ? .kubernetes : isOfContainerd ? .containerd : .docker, name)
        } else if let parent {
            self.init(below: parent, name, grandparent, depth)
        } else {
            return nil
        }
    }

    /// Known by the group that it lies in alone.
    private init?(below parent: PathPiece, _ name: PathPiece, _ grandparent: PathPiece?, _ depth: Int) {
        if parent == "lxc" || parent == "lxc.payload" {
            self.init(grandparent.map { $0 == "libvirt" } ?? false ? .libvirtLXC : .lxc, name)
        } else if parent == "lxc-libvirt" {
            self.init(.libvirtLXC, name)
        } else if parent == "garden" {
            self.init(.garden, name)
        } else if parent == "buildkit" {
            self.init(.buildkit, name)
        } else if depth == 1, parent == "default" || parent == "k8s.io" {
            // containerd's namespaces; only at the top, since others call a group so as well.
            self.init(.containerd, name)
        } else {
            return nil
        }
    }
}
