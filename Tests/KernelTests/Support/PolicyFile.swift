import Foundation

/// Policies for tests: those of Examples, and small ones.
enum PolicyFile {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")

    static let examples = root.appending(path: "Examples/policies").standardizedFileURL.path

    static func example(_ name: String) -> String { "\(examples)/\(name).yaml" }

    /// A policy with this specification, which is indented by two spaces.
    static func text(_ name: String, _ specification: String) -> String {
        """
        apiVersion: cilium.io/v1alpha1
        kind: TracingPolicy
        metadata:
          name: \(name)
        spec:
        \(specification)

        """
    }

    /// One that tells openat of these paths.
    static func opens(_ name: String, of paths: String...) -> String {
        text(
            name,
            """
              kprobes:
                - call: sys_openat
                  syscall: true
                  args: [{index: 1, type: string}]
                  selectors: [{matchArgs: [{index: 1, operator: Equal, values: [\(paths.joined(separator: ", "))]}]}]
            """
        )
    }
}

extension Event {
    var policy: String? { text("policy_name") }

    var function: String? { text("function_name") }

    /// A member of an argument, such as 0, `file_arg`, `path`.
    func argument(_ index: Int, _ kind: String, _ member: String? = nil) -> Any? {
        let arguments = objects("args")
        guard arguments.indices.contains(index) else { return nil }
        guard let member else { return arguments[index][kind] }
        return (arguments[index][kind] as? [String: Any])?[member]
    }

    func argumentText(_ index: Int, _ kind: String, _ member: String? = nil) -> String? {
        argument(index, kind, member) as? String
    }

    func argumentNumber(_ index: Int, _ kind: String, _ member: String? = nil) -> Int? {
        (argument(index, kind, member) as? NSNumber)?.intValue
    }
}
