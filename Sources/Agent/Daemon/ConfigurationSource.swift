import Outputs
import Probes

/// Where a daemon's configuration comes from, to be read at its start and again.
package struct ConfigurationSource: Sendable {
    private let files: ConfigurationFiles
    private let environment: [String: String]
    private let override: @Sendable (inout RunOptions) -> Void

    /// - Parameter override: what the command line says, which counts more.
    package init(
        _ files: ConfigurationFiles,
        environment: [String: String],
        override: @escaping @Sendable (inout RunOptions) -> Void
    ) {
        self.files = files
        self.environment = environment
        self.override = override
    }

    package func read() throws(ConfigurationError) -> Configuration {
        try Configuration(files, environment: environment)
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
