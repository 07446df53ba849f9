/// Where a process runs, as filters ask for it: a live execution tells it, and so does a row of a store.
package protocol Placement {
    /// Whether it is known to be in no container.
    var isOnHost: Bool { get }
    var containerID: UnsafeRawBufferPointer? { get }
    var containerName: UnsafeRawBufferPointer? { get }
    var containerRuntime: ContainerRuntime? { get }
    var podUID: UnsafeRawBufferPointer? { get }
    var podNamespace: UnsafeRawBufferPointer? { get }
    var podName: UnsafeRawBufferPointer? { get }
    /// The systemd unit.
    var unit: UnsafeRawBufferPointer? { get }
}

extension Execution: Placement {
    package var containerID: UnsafeRawBufferPointer? { container?.id.buffer }
    package var containerName: UnsafeRawBufferPointer? { container?.string(\.name) }
    package var containerRuntime: ContainerRuntime? { container?.runtime }
    package var podUID: UnsafeRawBufferPointer? { container?.podUID?.buffer }
    package var podNamespace: UnsafeRawBufferPointer? { container?.string(\.pod_namespace) }
    package var podName: UnsafeRawBufferPointer? { container?.string(\.pod) }
}
