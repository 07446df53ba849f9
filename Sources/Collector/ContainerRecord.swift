import CWire
import Model

extension SystemRecord {
    /// What an engine said of a container.
    static func container(time: UInt64, _ answer: EngineAnswer, engine: EngineSocket.Engine, user: UInt32) -> [UInt8] {
        var strings: [UInt8] = []
        func add(_ bytes: some Collection<UInt8>) -> mt_str {
            defer { strings += bytes }
            return mt_str(
                offset: UInt32(MemoryLayout<mt_container>.size + strings.count),
                length: UInt32(bytes.count)
            )
        }
        func text(_ text: String?) -> mt_str { text.map { add($0.utf8.prefix(largestText)) } ?? mt_str() }

        var record = mt_container()
        record.engine = engine.rawValue
        record.user = user
        record.id = text(answer.id)
        record.name = text(answer.name)
        record.image = text(answer.image)
        record.image_id = text(answer.imageID)
        record.pod = text(answer.pod)
        record.pod_namespace = text(answer.podNamespace)
        record.pod_container = text(answer.podContainer)
        let (labels, areAll) = list(answer.labels)
        if !labels.isEmpty { record.labels = add(labels) }
        if !areAll { record.marks |= UInt32(MT_CONTAINER_LABELS_TRUNCATED) }
        record.header = header(.container, MemoryLayout<mt_container>.size + strings.count, time)
        return withUnsafeBytes(of: record) { Array($0) } + strings
    }

    /// NAME=value with a NUL behind each, by name; and whether none had to be left out.
    private static func list(_ labels: [String: String]) -> (bytes: [UInt8], areAll: Bool) {
        var bytes: [UInt8] = []
        var areAll = true
        for (name, value) in labels.sorted(by: { $0.key < $1.key }) {
            let label = Array("\(name)=\(value)".utf8)
            // What stands between names, values and labels must not be in them.
            guard !name.utf8.contains(UInt8(ascii: "=")), !label.contains(0), label.count <= largestText,
                bytes.count + label.count < largestList
            else {
                areAll = false
                continue
            }
            bytes += label + [0]
        }
        return (bytes, areAll)
    }

    /// Of a name or a label, in bytes.
    private static let largestText = 4096
    /// Of all labels.
    private static let largestList = 16 << 10
}
