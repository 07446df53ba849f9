/// What files and environment say, from the least to the most that counts: the file, `conf.d` by name, the environment.
///
/// What a later source says of a key replaces what an earlier one said of it, lists included.
package struct Configuration: Sendable {
    /// By name, those that hold.
    package private(set) var settings: [String: ConfigurationSetting] = [:]

    /// Reads all of it.
    ///
    /// - Throws: all that is wrong, at once, each with its place and what would be right.
    package init(_ files: ConfigurationFiles, environment: [String: String]) throws(ConfigurationError) {
        var problems: [ConfigurationProblem] = []
        var all = files.settings(&problems)
        for key in ConfigurationKey.all {
            guard let text = environment[key.variable] else { continue }
            all.append(ConfigurationFiles.setting(key, text, ConfigurationPlace("$\(key.variable)")))
        }
        // Each is tried, also where a later one replaces it: what is wrong now surprises later.
        var nothing = RunOptions()
        for setting in all {
            if let wrong = setting.key.take(setting.texts.map(\.text), into: &nothing) {
                let text = setting.texts.indices.contains(wrong) ? setting.texts[wrong] : nil
                problems.append(
                    ConfigurationProblem(
                        text?.place ?? setting.place,
                        "\(setting.key.name): '\(text?.text ?? "")' is not \(setting.key.told)"
                    )
                )
            }
            settings[setting.key.name] = setting
        }
        guard problems.isEmpty else { throw ConfigurationError(problems: Self.inOrder(problems)) }
    }

    /// As somebody who mends a file goes through it.
    private static func inOrder(_ problems: [ConfigurationProblem]) -> [ConfigurationProblem] {
        var sources: [String: Int] = [:]
        for problem in problems where sources[problem.place.source] == nil {
            sources[problem.place.source] = sources.count
        }
        func rank(_ place: ConfigurationPlace) -> (Int, Int, Int) {
            (sources[place.source] ?? 0, place.line ?? 0, place.column ?? 0)
        }
        return problems.sorted { rank($0.place) < rank($1.place) }
    }

    /// Has a run do what it says.
    package func apply(to options: inout RunOptions) {
        for key in ConfigurationKey.all {
            guard let setting = settings[key.name] else { continue }
            _ = key.take(setting.texts.map(\.text), into: &options)
        }
    }
}
