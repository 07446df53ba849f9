import Foundation
import Testing

/// The real binary, run as a user runs it.
struct Martlet {
    /// What one run left behind.
    struct Result {
        /// Nil when a signal ended the run.
        let exitCode: Int32?
        let output: [UInt8]
        let errors: String

        var text: String { String(decoding: output, as: UTF8.self) }
        var lines: [Substring] { text.split(separator: "\n") }
    }

    let path: String

    /// Finds the binary beside the tests, where SwiftPM puts all that it builds.
    init() throws {
        let starts = [CommandLine.arguments.first, Bundle.main.executablePath].compactMap(\.self)
        let candidates = starts.flatMap { start in
            // Inside a bundle the test program stands deeper than the products.
            let first = URL(filePath: start).resolvingSymlinksInPath().deletingLastPathComponent()
            return sequence(first: first) { $0.deletingLastPathComponent() }.prefix(4).map {
                $0.appending(path: "martlet").path
            }
        }
        var isFolder: ObjCBool = false
        path = try #require(
            candidates.first {
                FileManager.default.fileExists(atPath: $0, isDirectory: &isFolder) && !isFolder.boolValue
            },
            "martlet is not built; looked for \(candidates)"
        )
    }

    /// Runs it to its end. Variables that are nil are taken out of the environment.
    func run(_ arguments: String..., environment: [String: String?] = [:]) throws -> Result {
        try Self.run(path, arguments, environment: environment)
    }

    /// Runs any program to its end, with its output in files, so that no pipe can fill up.
    static func run(
        _ program: String,
        _ arguments: [String],
        environment: [String: String?] = [:],
        output: FileHandle? = nil
    ) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-run-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func makeFile(_ name: String) throws -> FileHandle {
            let url = folder.appending(path: name)
            try Data().write(to: url)
            return try FileHandle(forWritingTo: url)
        }
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        var variables = ProcessInfo.processInfo.environment
        for (name, value) in environment { variables[name] = value }
        process.environment = variables
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try output ?? makeFile("output")
        process.standardError = try makeFile("errors")
        try process.run()
        process.waitUntilExit()
        let written = try Data(contentsOf: folder.appending(path: "errors"))
        return Result(
            exitCode: process.terminationReason == .exit ? process.terminationStatus : nil,
            output: output == nil ? Array(try Data(contentsOf: folder.appending(path: "output"))) : [],
            errors: String(decoding: written, as: UTF8.self)
        )
    }
}
