import Foundation
import Testing

/// The real tool, run as the build runs it.
struct SkeletonTool {
    /// What one run left behind.
    struct Result {
        /// Nil when a signal ended the run.
        let exitCode: Int32?
        let errors: String
        /// The file that was written, if one was.
        let skeleton: String?

        /// The file that must have been written; what the tool said instead is shown if it was not.
        func written() throws -> String {
            try #require(skeleton, "\(errors)")
        }

        /// The object that the skeleton carries.
        var object: [UInt8]? {
            let literal = skeleton?.firstMatch(of: #/StaticString = "([^"]*)"/#)?.output.1
            return literal.flatMap { Data(base64Encoded: String($0)) }.map { [UInt8]($0) }
        }
    }

    private let executable: URL

    /// Finds the tool beside the tests, where SwiftPM puts all that it builds.
    init() throws {
        let starts = [CommandLine.arguments.first, Bundle.main.executablePath].compactMap(\.self)
        let folders = starts.flatMap(Self.folders(above:))
        let candidates = folders.flatMap { folder in
            ["BPFSkeleton", "BPFSkeleton-tool"].map { folder.appending(path: $0) }
        }
        guard let found = candidates.first(where: Self.isProgram) else {
            let places = candidates.map(\.path).joined(separator: "\n  ")
            throw Missing(description: "the tool BPFSkeleton is not built; looked for:\n  \(places)")
        }
        executable = found
    }

    /// Runs the tool with arguments of the caller's choice, to write into a folder.
    func run(
        _ arguments: [String],
        in folder: TemporaryFolder,
        environment: [String: String]? = nil
    ) throws -> Result {
        let output = folder.path("out.swift")
        let errors = Pipe()
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments + ["--output", output]
        process.environment = environment ?? ProcessInfo.processInfo.environment
        process.standardError = errors
        try process.run()
        let text = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Result(
            exitCode: process.terminationReason == .exit ? process.terminationStatus : nil,
            errors: String(decoding: text, as: UTF8.self),
            skeleton: FileManager.default.contents(atPath: output).map { String(decoding: $0, as: UTF8.self) }
        )
    }

    /// Compiles a C source that stands below the usual macros and typedefs.
    func compile(_ source: String, named name: String = "probe.bpf.c") throws -> Result {
        let folder = try TemporaryFolder()
        return try run(["--source", folder.write(CSource.prelude + source, to: name)], in: folder)
    }

    private static func folders(above path: String) -> [URL] {
        // Inside a bundle the test program stands deeper than the products.
        let first = URL(filePath: path).resolvingSymlinksInPath().deletingLastPathComponent()
        return sequence(first: first) { $0.deletingLastPathComponent() }.prefix(4).map(\.self)
    }

    private static func isProgram(_ url: URL) -> Bool {
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
        return exists && !isFolder.boolValue && FileManager.default.isExecutableFile(atPath: url.path)
    }

    /// Why no test could run.
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }
}
