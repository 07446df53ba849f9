import CWire

/// A container: what the path of its control group tells, and what its engine said, if it did. Immutable.
package final class Container: Sendable {
    package let runtime: ContainerRuntime
    /// As the engine spells it.
    package let id: Bytes
    /// The path of its control group.
    package let group: Bytes
    /// Of its Kubernetes pod; with hyphens.
    package let podUID: Bytes?
    /// The id with the name of the engine before it, as Kubernetes names containers.
    package let reference: Bytes
    /// Whose user slice it lies in: a rootless engine's; 0 is the system's.
    package let user: UInt32
    /// The engine's answer: a container record.
    package let answer: Bytes?

    /// The container that `path` is in; nil on the host.
    package init?(_ path: ContainerPath, in text: UnsafeRawBufferPointer) {
        guard let runtime = path.runtime else { return nil }
        self.runtime = runtime
        user = path.user
        group = Bytes(Array(text[..<path.end]))
        let id = Self.unescaped(text[path.id])
        self.id = Bytes(id)
        let scheme: StaticString? =
            switch runtime {
            case .docker: "docker://"
            case .containerd: "containerd://"
            case .crio: "cri-o://"
            default: nil
            }
        let prefix = scheme.map { UnsafeBufferPointer(start: $0.utf8Start, count: $0.utf8CodeUnitCount) }
        reference = Bytes(prefix.map { Array($0) + id } ?? id)
        podUID =
            path.pod.isEmpty
            ? nil : Bytes(text[path.pod].map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 })
        answer = nil
    }

    /// `container` with what its engine said of it.
    package init(_ container: Container, answer: Bytes) {
        runtime = container.runtime
        id = container.id
        group = container.group
        podUID = container.podUID
        reference = container.reference
        user = container.user
        self.answer = answer
    }

    /// The engine's answer; nil as long as there is none.
    package var record: Record? { answer.map { Record(checked: $0.buffer) } }

    /// A text of the engine's answer.
    package func string(_ path: KeyPath<mt_container, mt_str>) -> UnsafeRawBufferPointer? {
        guard let record else { return nil }
        return record.string(record.container.pointee[keyPath: path])
    }

    /// The id as engines make them, rather than a name that a user chose.
    package var hasEngineID: Bool { PathPiece(id.buffer, 0..<id.count).isEngineID }

    /// Whether a record of kind container is about this one: of the same id, by an engine that may speak of it.
    package func isMeant(by record: Record) -> Bool {
        let answer = record.container.pointee
        // A user's own engine may say what it likes, of that user's containers.
        guard hasEngineID, answer.user == user else { return false }
        let speaker: ContainerRuntime
        switch answer.engine {
        case UInt32(MT_ENGINE_DOCKER.rawValue): speaker = .docker
        case UInt32(MT_ENGINE_PODMAN.rawValue): speaker = .podman
        case UInt32(MT_ENGINE_CONTAINERD.rawValue): speaker = .containerd
        case UInt32(MT_ENGINE_CRIO.rawValue): speaker = .crio
        default: return false
        }
        // A path that tells the pod alone may be of any engine that the kubelet works with.
        guard runtime == speaker || runtime == .kubernetes && speaker != .podman else { return false }
        guard let id = record.string(answer.id) else { return false }
        return id.elementsEqual(self.id.buffer)
    }

    /// systemd writes a byte that its names have a meaning for as `\x` and two digits.
    private static func unescaped(_ text: Slice<UnsafeRawBufferPointer>) -> [UInt8] {
        let text = Array(text)
        guard text.contains(UInt8(ascii: "\\")) else { return text }
        var result: [UInt8] = []
        var index = 0
        while index < text.count {
            let digits = text[(index + 1)...].prefix(3)
            if text[index] == UInt8(ascii: "\\"), digits.count == 3, digits.first == UInt8(ascii: "x"),
                digits.dropFirst().allSatisfy(PathPiece.isHexadecimal),
                let byte = UInt8(String(decoding: digits.dropFirst(), as: UTF8.self), radix: 16)
            {
                result.append(byte)
                index += 4
            } else {
                result.append(text[index])
                index += 1
            }
        }
        return result
    }
}
