import Foundation

/// Compiles one kernel program and writes the Swift skeleton that carries its object file.
@main
struct Tool {
    static func main() {
        do {
            try run(Options(arguments: CommandLine.arguments.dropFirst()))
        } catch ToolOutcome.alreadyReported {
            // Clang has said all there is to say; a line of ours below it would only hide the cause.
            exit(1)
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(1)
        }
    }

    private static func run(_ options: Options) throws {
        // An output that outlives a failed build would be compiled as if it were current.
        try? FileManager.default.removeItem(atPath: options.output)
        do {
            let name = try SkeletonName(file: options.input.path)
            let object = try object(for: options)
            let contents = try ObjectContents(object: object)
            let writer = SkeletonWriter(name: name, contents: contents, object: object)
            try write(writer.text, to: options.output)
        } catch let error as ToolError {
            throw error.blaming(options.input.path)
        }
    }

    private static func object(for options: Options) throws -> [UInt8] {
        switch options.input {
        case .object(let path):
            return try read(path)
        case .source(let path):
            // Beside the output, where the next run finds what a cancelled one left.
            let object = options.output + ".o"
            defer { try? FileManager.default.removeItem(atPath: object) }
            let clang = try Clang(path: options.clang)
            try clang.compile(path, to: object, includes: options.includes, architecture: options.architecture)
            try clang.stripDebug(object)
            return try read(object)
        }
    }

    private static func read(_ path: String) throws(ToolError) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ToolError(file: path, problem: "cannot be read", remedy: "check that it exists and may be read")
        }
        return [UInt8](data)
    }

    private static func write(_ text: String, to path: String) throws(ToolError) {
        do {
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw ToolError(
                file: path,
                problem: "cannot be written (\(error.localizedDescription))",
                remedy: "check that its folder exists and that the disk has room"
            )
        }
    }
}

/// An end of the run that needs no message of ours.
enum ToolOutcome: Error {
    case alreadyReported
}
