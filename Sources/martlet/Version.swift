import ArgumentParser

/// What this binary is.
enum Version {
    static let number = "0.1.0"

    static var text: String {
        #if arch(x86_64)
            let architecture = "x86_64"
        #elseif arch(arm64)
            let architecture = "arm64"
        #else
            let architecture = "unknown"
        #endif
        return "martlet \(number) (\(architecture))"
    }
}

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    func run() { print(Version.text) }
}
