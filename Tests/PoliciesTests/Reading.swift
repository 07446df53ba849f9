import Foundation
import Policies

/// Policies from texts and from the files beside the tests.
enum Reading {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()

    /// The files of good policies, by name.
    static let files: [URL] = {
        let policies = folder.appending(path: "Policies")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: policies.path)) ?? []
        return names.filter { $0.hasSuffix(".yaml") }.sorted().map { policies.appending(path: $0) }
    }()

    static func read(_ text: String) -> PolicyCollection { read(Array(text.utf8)) }

    static func read(_ bytes: [UInt8]) -> PolicyCollection {
        var collection = PolicyCollection()
        collection.read(bytes, file: "f")
        return collection
    }

    /// A file of good policies.
    static func file(_ name: String) throws -> PolicyCollection {
        read(Array(try Data(contentsOf: folder.appending(path: "Policies/\(name).yaml"))))
    }

    /// A policy with this for its spec, from line 4 on.
    static func policy(_ spec: String, name: String = "p") -> String {
        "apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: \(name)}\n\(spec)\n"
    }

    /// What is wrong, without the file's name.
    static func problems(_ text: String) -> [String] { read(text).problems.map { String("\($0)".dropFirst(2)) } }
}
