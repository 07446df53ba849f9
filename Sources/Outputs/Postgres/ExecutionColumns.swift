import Formats
import Model

/// What the rows of an execution's events say of it, written once.
final class ExecutionColumns {
    /// `exec_id`.
    let id: Bytes
    /// `binary`, `container`, `pod`.
    let place: Bytes
    /// Which state of knowledge they are of.
    let json: Bytes

    init(_ execution: Execution, node: String, _ format: inout JSONFormat, _ scratch: inout CopyBuffer) {
        json = execution.json
        format.clear()
        format.write(execution.id, node: node)
        scratch.clear()
        scratch.append(raw: format.bytes)
        id = Bytes(scratch.bytes)
        scratch.clear()
        scratch.append(text: execution.record.flatMap { $0.string($0.process.pointee.binary.text) })
        scratch.append(text: execution.containerID)
        Self.append(podOf: execution, to: &scratch)
        place = Bytes(scratch.bytes)
    }

    /// As filters name pods: NAMESPACE/NAME, or NAME of podman's; the uid as long as no engine has told that.
    private static func append(podOf execution: Execution, to buffer: inout CopyBuffer) {
        guard let name = execution.podName else { return buffer.append(text: execution.podUID) }
        guard let namespace = execution.podNamespace else { return buffer.append(text: name) }
        buffer.append(text: namespace, slash: name)
    }
}
