import BPF

/// What a program or library has to do with GNU readline.
enum ReadlineUse: Equatable {
    /// It holds the function, at this place of the file: bash, or the library itself.
    case defines(UInt64)
    /// It is linked with the library.
    case needsLibrary
    case none

    /// Looks into a file; one that is no ELF file of this machine has nothing to do with it.
    static func of(_ file: ELFFile) -> ReadlineUse {
        // The variable tells GNU readline from other functions of that name.
        if let offset = try? file.functionOffsets(["readline"])["readline"],
            let variables = try? file.variables(["rl_readline_version"]), !variables.isEmpty
        {
            return .defines(offset)
        }
        let libraries = (try? file.libraries()) ?? []
        return libraries.contains { isLibrary($0) } ? .needsLibrary : .none
    }

    /// Whether a file's name is the library's.
    static func isLibrary(_ name: some StringProtocol) -> Bool { name.hasPrefix("libreadline.so") }

    /// Where distributions keep bash and the library.
    static let usualPlaces: [String] = {
        #if arch(arm64)
            let triple = "aarch64-linux-gnu"
        #else
            let triple = "x86_64-linux-gnu"
        #endif
        let shells = ["/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash"]
        let folders = [
            "/lib/\(triple)", "/usr/lib/\(triple)", "/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib",
        ]
        return shells + folders.flatMap { folder in (5...8).map { "\(folder)/libreadline.so.\($0)" } }
    }()
}
