/// What keeps a container, as far as the path of its control group tells.
package enum ContainerRuntime: UInt8, CaseIterable, Sendable {
    case docker = 1
    case containerd
    case crio
    case podman
    /// The cgroupfs driver's paths name the pod, and not what runs it.
    case kubernetes
    case lxc
    case libvirtLXC
    case nspawn
    case rkt
    case garden
    case buildkit
    case runc
    case crun

    /// The name in events and filters.
    package var name: StaticString {
        switch self {
        case .docker: "docker"
        case .containerd: "containerd"
        case .crio: "cri-o"
        case .podman: "podman"
        case .kubernetes: "kubernetes"
        case .lxc: "lxc"
        case .libvirtLXC: "libvirt-lxc"
        case .nspawn: "systemd-nspawn"
        case .rkt: "rkt"
        case .garden: "garden"
        case .buildkit: "buildkit"
        case .runc: "runc"
        case .crun: "crun"
        }
    }

    /// By its name, or by another that is in use.
    package init?(name: String) {
        switch name {
        case "nspawn": self = .nspawn
        case "crio": self = .crio
        case "kube", "k8s": self = .kubernetes
        case "lxc-libvirt": self = .libvirtLXC
        default:
            guard let runtime = Self.allCases.first(where: { "\($0.name)" == name }) else { return nil }
            self = runtime
        }
    }
}
