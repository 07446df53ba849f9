import GRPCCore
import GRPCNIOTransportHTTP2TransportServices
import NIOCore
import NIOPosix

/// An engine that makes pods when it is told to by the Kubernetes CRI, as the kubelet tells it.
package struct PodEngine: Sendable {
    /// Where it listens.
    package let path: String

    package init(path: String) { self.path = path }

    /// A pod with one container in it.
    package struct Pod: Sendable {
        package let name: String
        package let namespace: String
        package let uid: String
        /// The control group in which the kubelet would have it; empty: the engine's own.
        package let group: String
        /// Where its container's output goes.
        package let logs: String

        package init(name: String, namespace: String, uid: String, group: String, logs: String) {
            self.name = name
            self.namespace = namespace
            self.uid = uid
            self.group = group
            self.logs = logs
        }

        /// On the host's network, since that needs no plugin to make one.
        var configuration: Runtime_V1_PodSandboxConfig {
            .with {
                $0.metadata.name = name
                $0.metadata.namespace = namespace
                $0.metadata.uid = uid
                $0.logDirectory = logs
                $0.labels = ["app": namespace]
                $0.linux.cgroupParent = group
                $0.linux.securityContext.namespaceOptions.network = .node
            }
        }
    }

    /// What the engine says it is.
    package func version() async throws -> String { try await call { try await $0.version(.init()).runtimeName } }

    /// Makes a pod; the id of its sandbox.
    package func run(_ pod: Pod) async throws -> String {
        try await call { try await $0.runPodSandbox(.with { $0.config = pod.configuration }).podSandboxID }
    }

    /// Makes a container in a pod and starts it; its id.
    package func start(
        _ name: String,
        image: String,
        _ command: [String],
        labels: [String: String],
        in sandbox: String,
        of pod: Pod
    ) async throws -> String {
        let request = Runtime_V1_CreateContainerRequest.with {
            $0.podSandboxID = sandbox
            $0.sandboxConfig = pod.configuration
            $0.config.metadata.name = name
            $0.config.image.image = image
            $0.config.command = command
            $0.config.labels = labels
            $0.config.logPath = "\(name).log"
            $0.config.linux.securityContext.namespaceOptions.network = .node
        }
        return try await call { engine in
            let id = try await engine.createContainer(request).containerID
            _ = try await engine.startContainer(.with { $0.containerID = id })
            return id
        }
    }

    /// Ends a pod and all that is in it.
    package func remove(_ sandbox: String) async throws {
        try await call { engine in
            _ = try await engine.stopPodSandbox(.with { $0.podSandboxID = sandbox })
            _ = try await engine.removePodSandbox(.with { $0.podSandboxID = sandbox })
        }
    }

    private typealias Calls = Runtime_V1_RuntimeService.Client<HTTP2ClientTransport.WrappedChannel>

    private func call<Answer: Sendable>(_ body: @Sendable (Calls) async throws -> Answer) async throws -> Answer {
        let configuration = HTTP2ClientTransport.WrappedChannel.Config.defaults { $0.http2.authority = "localhost" }
        let path = path
        let transport = try await HTTP2ClientTransport.WrappedChannel.wrapping(config: configuration) { configure in
            try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(unixDomainSocketPath: path) { configure($0) }
        }
        return try await withGRPCClient(transport: transport) { try await body(Calls(wrapping: $0)) }
    }
}
