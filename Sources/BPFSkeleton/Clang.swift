import Foundation

/// The toolchain's C compiler, and the object tool that stands beside it.
struct Clang {
    let path: String
    private let objcopy: String

    /// Finds both tools before anything is compiled, so that a half-installed toolchain is told at once.
    init(path given: String?) throws(ToolError) {
        let remedy = "install the Swift toolchain's clang (or LLVM 14 or later) and put it in PATH"
        guard let path = given ?? Self.inSearchPath("clang") else {
            throw ToolError(file: "clang", problem: "not found in PATH", remedy: remedy)
        }
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw ToolError(file: path, problem: "no such compiler", remedy: remedy)
        }
        self.path = path

        let real = URL(filePath: path).resolvingSymlinksInPath().deletingLastPathComponent()
        let objcopy = real.appending(path: "llvm-objcopy").path
        guard FileManager.default.isExecutableFile(atPath: objcopy) else {
            throw ToolError(
                file: objcopy,
                problem: "not found beside clang",
                remedy: "install llvm-objcopy there, or use a Swift toolchain or LLVM that has both"
            )
        }
        self.objcopy = objcopy
    }

    /// Compiles a source for the kernel; the compiler's diagnostics go to our standard error as they are.
    func compile(_ source: String, to object: String, includes: [String], architecture: Architecture) throws {
        guard FileManager.default.isReadableFile(atPath: source) else {
            throw ToolError(file: source, problem: "cannot be read", remedy: "check the path given to --source")
        }
        let folder = URL(filePath: source).deletingLastPathComponent().path
        var arguments = ["-target", "bpfel", "-mcpu=v3", "-O2", "-g"]
        arguments += ["-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter", "-std=gnu11"]
        arguments += ["-D\(architecture.macro)"]
        // BTF keeps the paths of its lines; the same source should make the same bytes in every checkout.
        arguments += ([folder] + includes).map { "-ffile-prefix-map=\($0)=." } + ["-ffile-compilation-dir=."]
        arguments += includes.flatMap { ["-I", $0] }
        arguments += systemHeaders(architecture).flatMap { ["-idirafter", $0] }
        arguments += ["-c", source, "-o", object]
        guard try run(path, arguments) else {
            throw ToolOutcome.alreadyReported
        }
        guard FileManager.default.fileExists(atPath: object) else {
            throw ToolError(problem: "\(path) wrote no object file", remedy: "check that this clang has the bpf target")
        }
    }

    /// Removes DWARF, which the kernel never reads, and leaves BTF, which it does.
    func stripDebug(_ object: String) throws {
        guard try run(objcopy, ["--strip-debug", object]) else {
            throw ToolError(
                problem: "\(objcopy) could not strip the object file",
                remedy: "see its message above; it must be of the same LLVM as \(path)"
            )
        }
    }

    /// One folder is enough: what a kernel program needs of it is the same on every architecture.
    private func systemHeaders(_ architecture: Architecture) -> [String] {
        let candidates = [architecture, .host].map(\.multiarchHeaders)
        return candidates.first(where: FileManager.default.fileExists(atPath:)).map { [$0] } ?? []
    }

    private func run(_ program: String, _ arguments: [String]) throws -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        do {
            try process.run()
        } catch {
            throw ToolError(
                file: program,
                problem: "could not be started (\(error.localizedDescription))",
                remedy: "check that it is a program for this machine"
            )
        }
        process.waitUntilExit()
        guard process.terminationReason == .exit else {
            throw ToolError(
                file: program,
                problem: "was ended by signal \(process.terminationStatus)",
                remedy: "check the machine's free memory and build again"
            )
        }
        return process.terminationStatus == 0
    }

    private static func inSearchPath(_ name: String) -> String? {
        let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
        return folders.map { "\($0)/\(name)" }.first(where: FileManager.default.isExecutableFile(atPath:))
    }
}
