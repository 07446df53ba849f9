import Outputs
import Probes

/// Where a daemon's configuration comes from, to be read at its start and again.
package struct ConfigurationSource: Sendable {
    private let files: ConfigurationFiles
    private let environment: [String: String]
    private let override: @Sendable (inout RunOptions) -> Void
    /// Names of keys that the command line decides.
    let overruled: Set<String>

    /// - Parameters:
    ///   - overruled: names of keys that the command line decides.
    ///   - override: what it says, which counts more.
    package init(
        _ files: ConfigurationFiles,
        environment: [String: String],
        overruled: Set<String> = [],
        override: @escaping @Sendable (inout RunOptions) -> Void
    ) {
        self.files = files
        self.environment = environment
        self.overruled = overruled
        self.override = override
    }

    package func read() throws(ConfigurationError) -> Configuration {
        try Configuration(files, environment: environment)
    }

    /// The same while it runs: a file that is gone is no reason to go back to what holds without it, and a pipe is empty now.
    func readAgain() throws(ConfigurationError) -> Configuration {
        try Configuration(files.again, environment: environment)
    }

    /// What a daemon is to do.
    package func options(_ configuration: Configuration) -> RunOptions {
        var options = RunOptions()
        options.outputs = [.store(StoreFile.machinePath)]
        configuration.apply(to: &options)
        override(&options)
        options.probes.observations = Observation.needed(for: options.filter.kinds)
        return options
    }
}
