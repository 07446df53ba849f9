import FoundationEssentials
import Model

/// What an engine says of a container, as far as events tell it.
package struct EngineAnswer: Sendable, Equatable {
    package var id: String
    package var name: String?
    package var image: String?
    package var imageID: String?
    package var pod: String?
    package var podNamespace: String?
    package var podContainer: String?
    package var labels: [String: String] = [:]
    /// Of a podman pod, whose name is another question.
    var podID: String?

    package init(id: String) { self.id = id }

    /// Reads the JSON of an engine; `id` must be what it speaks of.
    init(_ json: [UInt8], about id: String) throws(EngineFailure) {
        let answer: Inspection
        do { answer = try JSONDecoder().decode(Inspection.self, from: Data(json)) } catch {
            throw .malformed("its JSON is not that of a container")
        }
        guard answer.Id == id else { throw .otherContainer }
        self.id = id
        // docker's names begin with a slash.
        name = Self.text(answer.Name.map { $0.hasPrefix("/") ? String($0.dropFirst()) : $0 })
        image = Self.text(answer.ImageName) ?? Self.text(answer.Config?.Image)
        imageID = Self.text(answer.Image)
        labels = answer.Config?.Labels ?? [:]
        podID = Self.text(answer.Pod)
        takePodFromLabels()
    }

    /// The pod, as the kubelet writes it upon the containers that it has made.
    mutating func takePodFromLabels() {
        pod = Self.text(labels["io.kubernetes.pod.name"])
        podNamespace = Self.text(labels["io.kubernetes.pod.namespace"])
        podContainer = Self.text(labels["io.kubernetes.container.name"])
    }

    /// The name of podman's pod `id`.
    static func podName(_ json: [UInt8], about id: String) throws(EngineFailure) -> String? {
        let answer: PodInspection
        do { answer = try JSONDecoder().decode(PodInspection.self, from: Data(json)) } catch {
            throw .malformed("its JSON is not that of a pod")
        }
        guard answer.Id == id else { throw .otherContainer }
        return text(answer.Name)
    }

    /// What is empty was not said.
    static func text(_ text: String?) -> String? { text.flatMap { $0.isEmpty ? nil : $0 } }

    /// The keys are the engines'.
    private struct Inspection: Decodable {
        struct Configuration: Decodable {
            let Image: String?
            let Labels: [String: String]?
        }

        let Id: String
        let Name: String?
        let Image: String?
        let ImageName: String?
        let Pod: String?
        let Config: Configuration?
    }

    private struct PodInspection: Decodable {
        let Id: String
        let Name: String?
    }
}

extension EngineSocket {
    /// What the engine knows of a container; nil when it knows of none.
    func inspect(_ id: String) throws(EngineFailure) -> EngineAnswer? {
        switch engine {
        case .docker, .podman: try inspectOverHTTP(id)
        case .containerd, .crio: try inspectOverCRI(id)
        }
    }

    private func inspectOverHTTP(_ id: String) throws(EngineFailure) -> EngineAnswer? {
        // docker's path without a version is its newest; podman wants one, and takes any.
        let target = engine == .docker ? "/containers/\(id)/json" : "/v4.0.0/libpod/containers/\(id)/json"
        guard let json = try ask(target) else { return nil }
        var answer = try EngineAnswer(json, about: id)
        if let podID = answer.podID, answer.pod == nil, podID.utf8.allSatisfy(Self.isPlain), podID.utf8.count <= 128,
            let json = try ask("/v4.0.0/libpod/pods/\(podID)/json")
        {
            answer.pod = try EngineAnswer.podName(json, about: podID)
            answer.podContainer = answer.name
        }
        return answer
    }

    /// The body of an answer; nil when there is no such thing.
    private func ask(_ target: String) throws(EngineFailure) -> [UInt8]? {
        let answer = try get(target, milliseconds: Self.patience, limit: Self.largest)
        switch answer.status {
        case 200: return answer.body
        case 404: return nil
        default: throw .status(answer.status)
        }
    }

    /// What is put into a request must not be able to end it.
    private static func isPlain(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte
    }

    /// How long an answer may take as a whole, ms.
    static let patience = 2000
    /// An answer about a container has some ten thousand bytes.
    static let largest = 1 << 20
}
