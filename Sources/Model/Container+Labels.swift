import CWire

extension Container {
    /// A text of the engine's answer.
    package func text(_ path: KeyPath<mt_container, mt_str>) -> String? {
        string(path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Its labels, and those of its pod.
    package var labels: [String: String] {
        guard let list = string(\.labels) else { return [:] }
        var labels: [String: String] = [:]
        for label in list.split(separator: 0) {
            let name = label.prefix { $0 != UInt8(ascii: "=") }
            labels[String(decoding: name, as: UTF8.self)] = String(
                decoding: label.dropFirst(name.count + 1),
                as: UTF8.self
            )
        }
        return labels
    }
}
