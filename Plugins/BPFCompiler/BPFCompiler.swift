import Foundation
import PackagePlugin

/// Compiles each `*.bpf.c` below a target's folder and gives the target a Swift skeleton of it.
@main
struct BPFCompiler: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let sources = Files(below: target.directoryURL, endingIn: ".bpf.c").found
        guard !sources.isEmpty else { return [] }
        let tool = try context.tool(named: "BPFSkeleton").url
        let clang = try clang(context)
        let libraries = Self.publicHeaders(of: target)
        var outputs: [URL: URL] = [:]
        return try sources.map { source in
            let name = source.lastPathComponent.dropLast(".bpf.c".count)
            let output = context.pluginWorkDirectoryURL.appending(path: "\(name).bpf.swift")
            if let other = outputs.updateValue(source, forKey: output) {
                throw PluginProblem("\(source.path) and \(other.path) make the same skeleton; rename one of them")
            }
            let includes = Self.ownHeaders(of: source) + libraries
            let headers = includes.flatMap { Files(below: $0, endingIn: ".h").found }
            return .buildCommand(
                displayName: "Compiling \(source.lastPathComponent) for the kernel",
                executable: tool,
                arguments: ["--clang", clang.path, "--source", source.path, "--output", output.path]
                    + Self.architecture + includes.flatMap { ["-I", $0.path] },
                inputFiles: [source, clang] + Set(headers).sorted { $0.path < $1.path },
                outputFiles: [output]
            )
        }
    }

    /// The toolchain's clang; failing that the first in PATH, where SwiftPM itself does not look.
    private func clang(_ context: PluginContext) throws -> URL {
        if let own = try? context.tool(named: "clang").url { return own }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let candidates = path.split(separator: ":").map { URL(filePath: "\($0)/clang") }
        guard let found = candidates.first(where: { FileManager.default.isExecutableFile(atPath: $0.path) }) else {
            throw PluginProblem(
                """
                no clang to compile kernel programs with: it is part of the Swift toolchains of swift.org; install one, \
                or install clang and llvm (14 or later) and put clang in PATH
                """
            )
        }
        return found
    }

    /// The processor to compile for, where it is not this one: a plugin is not told what SwiftPM builds for.
    private static var architecture: [String] {
        ProcessInfo.processInfo.environment["BPF_TARGET_ARCH"].map { ["--arch", $0] } ?? []
    }

    private static func ownHeaders(of source: URL) -> [URL] {
        let folder = source.deletingLastPathComponent()
        let library = folder.appending(path: "lib")
        return [folder] + (FileManager.default.fileExists(atPath: library.path) ? [library] : [])
    }

    /// The public headers of the C targets below a target, within its package.
    private static func publicHeaders(of target: any Target) -> [URL] {
        var found: [URL] = []
        var seen: Set<Target.ID> = []
        var waiting = [target]
        while let next = waiting.popLast() {
            guard seen.insert(next.id).inserted else { continue }
            if let folder = (next as? ClangSourceModuleTarget)?.publicHeadersDirectoryURL {
                found.append(folder)
            }
            for case .target(let dependency) in next.dependencies {
                waiting.append(dependency)
            }
        }
        return found.sorted { $0.path < $1.path }
    }
}

/// A reason not to build, in the words that `swift build` shows.
struct PluginProblem: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
