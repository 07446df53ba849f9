import CWire

extension Fields {
    private static let path = "the control group's path at exec, fork or snapshot"
    private static let engine =
        "the answer of the container engine's socket, some time after the container's first exec"

    /// What every event says of the container that its process and parent are in; `pod` and `docker` are Tetragon's.
    static let container: [Field] = [
        Field(process: "pod.namespace", "string", "The Kubernetes namespace.", from: engine) {
            text($0, \.pod_namespace)
        },
        Field(process: "pod.name", "string", "The pod's name: Kubernetes', or podman's.", from: engine) {
            text($0, \.pod)
        },
        Field(process: "pod.uid", "string", "The Kubernetes pod.", from: path) {
            $0.container?.podUID.map { .text($0.buffer) } ?? .absent
        },
        Field(
            process: "pod.container.id",
            "string",
            "The container as Kubernetes names it: containerd://…, cri-o://…, docker://…; without that where the path does "
                + "not tell the engine.",
            from: path
        ) { inPod($0) { .text($0.reference.buffer) } },
        Field(process: "pod.container.name", "string", "What the pod calls the container.", from: engine) {
            text($0, \.pod_container)
        },
        Field(process: "pod.container.image.id", "string", "The image's digest.", from: engine) { execution in
            inPod(execution) { _ in text(execution, \.image_id) }
        },
        Field(process: "pod.container.image.name", "string", "The image as the user named it.", from: engine) {
            execution in inPod(execution) { _ in text(execution, \.image) }
        },
        Field(
            process: "docker",
            "string",
            "The first 31 digits of the container's id, whichever engine's it is.",
            from: path
        ) {
            guard let container = $0.container, container.hasEngineID else { return .absent }
            return .text(UnsafeRawBufferPointer(rebasing: container.id.buffer.prefix(31)))
        },
        Field(
            process: "container.id",
            "string",
            "The container; of LXC, systemd-nspawn and the like its name.",
            from: path
        ) { $0.container.map { .text($0.id.buffer) } ?? .absent },
        Field(
            process: "container.runtime",
            "string",
            "docker, containerd, cri-o, podman, kubernetes (a pod's, by whatever engine), lxc, libvirt-lxc, systemd-nspawn, "
                + "rkt, garden, buildkit, runc or crun.",
            from: path
        ) { $0.container.map { .name($0.runtime.name) } ?? .absent },
        Field(process: "container.name", "string", "What the engine calls it.", from: engine) { text($0, \.name) },
        Field(process: "container.image", "string", "The image as the user named it.", from: engine) {
            text($0, \.image)
        },
        Field(
            process: "unit",
            "string",
            "The systemd unit, as systemctl shows it; of a container the one that it runs below.",
            from: path
        ) { $0.unit.map { .text($0) } ?? .absent },
    ]

    static let containerDetails: [Field] = [
        Field(
            process: "container_labels",
            "object of strings",
            "The container's labels.",
            from: engine,
            isDetail: true
        ) { $0.container?.string(\.labels).map { .labels($0) } ?? .absent }
    ]

    /// The fields of the event that an engine's answer is.
    static let engineAnswer: [Field] = [
        answer("id", \.id, "The container that was asked about."),
        Field("engine", "string", "docker, podman, containerd or cri-o.", from: engine) {
            switch $0.container.pointee.engine {
            case UInt32(MT_ENGINE_DOCKER.rawValue): .name("docker")
            case UInt32(MT_ENGINE_PODMAN.rawValue): .name("podman")
            case UInt32(MT_ENGINE_CONTAINERD.rawValue): .name("containerd")
            case UInt32(MT_ENGINE_CRIO.rawValue): .name("cri-o")
            default: .absent
            }
        },
        answer("name", \.name, "What the engine calls it."),
        answer("image", \.image, "The image as the user named it."),
        answer("image_id", \.image_id, "The image's digest."),
        answer("pod", \.pod, "The pod's name: Kubernetes', or podman's."),
        answer("pod_namespace", \.pod_namespace, "The Kubernetes namespace."),
        answer("pod_container", \.pod_container, "What the pod calls the container."),
        Field("labels", "object of strings", "Its labels.", from: engine) { record in
            record.string(record.container.pointee.labels).map { .labels($0) } ?? .absent
        },
        Field("marks", "list of strings", "labels_truncated.", from: "the agent") {
            .list(UInt64($0.container.pointee.marks), answerMarkNames)
        },
    ]

    private static let answerMarkNames = NameTable([(UInt64(MT_CONTAINER_LABELS_TRUNCATED), "labels_truncated")])

    private static func answer(
        _ name: String,
        _ string: any KeyPath<mt_container, mt_str> & Sendable,
        _ summary: String
    ) -> Field {
        Field(name, "string", summary, from: engine) { record in
            record.string(record.container.pointee[keyPath: string]).map { .text($0) } ?? .absent
        }
    }

    private static func text(_ execution: Execution, _ string: KeyPath<mt_container, mt_str>) -> FieldValue {
        execution.container?.string(string).map { .text($0) } ?? .absent
    }

    /// Of a container in a pod, Kubernetes' or podman's.
    private static func inPod(_ execution: Execution, _ value: (Container) -> FieldValue) -> FieldValue {
        guard let container = execution.container, container.podUID != nil || container.string(\.pod) != nil else {
            return .absent
        }
        return value(container)
    }
}
