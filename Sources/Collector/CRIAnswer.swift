import CRI
import GRPCCore
import GRPCNIOTransportHTTP2TransportServices

/// The Kubernetes Container Runtime Interface, by which the kubelet has containerd and CRI-O work.
private typealias Runtime = Runtime_V1_RuntimeService.Client<HTTP2ClientTransport.WrappedChannel>

extension EngineSocket {
    /// What the engine knows of a container, or of the pod whose sandbox it is; nil when it knows of none.
    func inspectOverCRI(_ id: String) throws(EngineFailure) -> EngineAnswer? {
        try converse(milliseconds: Self.patience, limit: Self.largest) { client in
            let runtime = Runtime(wrapping: client)
            guard let status = try await runtime.container(id) else {
                return try await runtime.sandbox(id).map { sandbox in
                    var answer = EngineAnswer(id: id)
                    answer.labels = sandbox.labels
                    answer.take(sandbox)
                    return answer
                }
            }
            var answer = EngineAnswer(status)
            if let sandbox = try await runtime.sandboxID(of: id) {
                try await runtime.sandbox(sandbox).map { answer.take($0) }
            }
            return answer
        }
    }
}

extension Runtime {
    /// How a container is; nil when there is none of that id.
    fileprivate func container(_ id: String) async throws -> Runtime_V1_ContainerStatus? {
        let request = Runtime_V1_ContainerStatusRequest.with { $0.containerID = id }
        guard let status = try await unlessUnknown({ try await containerStatus(request).status }) else { return nil }
        guard status.id == id else { throw EngineFailure.otherContainer }
        return status
    }

    /// The sandbox of the pod that a container is in.
    fileprivate func sandboxID(of id: String) async throws -> String? {
        let request = Runtime_V1_ListContainersRequest.with { $0.filter.id = id }
        guard let container = try await listContainers(request).containers.first else { return nil }
        guard container.id == id else { throw EngineFailure.otherContainer }
        return EngineAnswer.text(container.podSandboxID)
    }

    /// How a pod's sandbox is; nil when there is none of that id.
    fileprivate func sandbox(_ id: String) async throws -> Runtime_V1_PodSandboxStatus? {
        let request = Runtime_V1_PodSandboxStatusRequest.with { $0.podSandboxID = id }
        guard let status = try await unlessUnknown({ try await podSandboxStatus(request).status }) else { return nil }
        guard status.id == id else { throw EngineFailure.otherContainer }
        return status
    }

    private func unlessUnknown<Message>(_ call: () async throws -> Message) async throws -> Message? {
        do { return try await call() } catch let error as RPCError where error.code == .notFound { return nil }
    }
}

extension EngineAnswer {
    fileprivate init(_ status: Runtime_V1_ContainerStatus) {
        self.init(id: status.id)
        labels = status.labels
        takePodFromLabels()
        name = Self.text(status.metadata.name)
        podContainer = name
        image = Self.text(status.image.userSpecifiedImage) ?? Self.text(status.image.image)
        imageID = Self.text(status.imageRef)
    }

    /// The pod of a sandbox; what the engine says itself goes before labels.
    fileprivate mutating func take(_ sandbox: Runtime_V1_PodSandboxStatus) {
        // The pod's labels, as Kubernetes users know them; its containers have their own of the kubelet beside these.
        labels.merge(sandbox.labels) { own, _ in own }
        pod = Self.text(sandbox.metadata.name) ?? pod
        podNamespace = Self.text(sandbox.metadata.namespace) ?? podNamespace
    }
}
