/// Why no skeleton was made, and what to do about it.
struct ToolError: Error, CustomStringConvertible {
    /// The file at fault; nil stands for the source that the tool was asked to compile.
    var file: String?
    let problem: String
    let remedy: String

    init(file: String? = nil, problem: String, remedy: String) {
        self.file = file
        self.problem = problem
        self.remedy = remedy
    }

    /// An object whose bytes contradict each other, as a truncated or overwritten file does.
    static func damaged(_ what: String) -> ToolError {
        ToolError(problem: "damaged object file: \(what)", remedy: "delete it and build again")
    }

    /// The form in which compilers report, so that editors find the file.
    var description: String { "\(file ?? "BPFSkeleton"): error: \(problem); \(remedy)" }

    /// This error, blamed on a file unless it names one already.
    func blaming(_ path: String) -> ToolError {
        var blamed = self
        blamed.file = file ?? path
        return blamed
    }
}
