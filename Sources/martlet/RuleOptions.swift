import Agent
import ArgumentParser

/// Which rules decide what is told.
struct RuleOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Tell what the rules of this file or folder want; may be repeated (docs/rules.md).",
            valueName: "file"
        ),
        completion: .file(extensions: ["toml"])
    )
    var rules: [String] = []

    /// What was not given stays as it is.
    func apply(to options: inout RunOptions) {
        if !rules.isEmpty { options.rules.paths = rules }
    }
}
