import Glibc

/// The machine as events name it.
package enum Machine {
    /// `NODE_NAME` from the environment, as in Kubernetes, or the host's name.
    package static let name: String = {
        if let name = getenv("NODE_NAME").map({ String(cString: $0) }), !name.isEmpty { return name }
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }()
}
