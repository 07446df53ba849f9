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
            // An empty one is as good as none, as shells have it.
            guard let text = environment[key.variable], !text.isEmpty else { continue }
            all.append(ConfigurationFiles.setting(key, text, ConfigurationPlace("$\(key.variable)")))
        }
        // Each is tried, also where a later one replaces it: what is wrong now surprises later.
        var nothing = RunOptions()
        for setting in all {
            if !setting.key.count.contains(setting.texts.count) {
                let many =
                    setting.key.count.lowerBound > setting.texts.count
                    ? "at least one value" : "at most \(setting.key.count.upperBound) values"
                problems.append(ConfigurationProblem(setting.place, "\(setting.key.name): takes \(many)"))
            } else if let wrong = setting.key.take(setting.texts.map(\.text), into: &nothing) {
                let text = setting.texts.indices.contains(wrong) ? setting.texts[wrong] : nil
                problems.append(
                    ConfigurationProblem(
                        text?.place ?? setting.place,
                        "\(setting.key.name): '\(Self.shown(text?.text ?? "", of: setting.key))' is not \(setting.key.told)"
                    )
                )
            }
            problems += Self.doubles(setting)
            settings[setting.key.name] = setting
        }
        if problems.isEmpty {
            var options = RunOptions()
            apply(to: &options)
            if let problem = options.control.problem, let setting = settings["listen-address"] {
                problems.append(ConfigurationProblem(setting.place, "listen-address: \(problem)"))
            }
        }
        guard problems.isEmpty else { throw ConfigurationError(problems: Self.inOrder(problems)) }
    }

    /// An output that is named twice would have every event twice.
    private static func doubles(_ setting: ConfigurationSetting) -> [ConfigurationProblem] {
        guard setting.key.name == "sink" else { return [] }
        // By what it is: the usual store may be named by its path as well.
        var seen: Set<OutputTarget> = []
        return setting.texts.filter { text in OutputTarget(text.text).map { !seen.insert($0).inserted } ?? false }.map {
            let told = shown($0.text, of: setting.key)
            return ConfigurationProblem($0.place, "sink: \(told) is named twice: name each output once")
        }
    }

    /// A text for an error, which goes to the log of a daemon: how to reach a database may have a password in it.
    private static func shown(_ text: String, of key: ConfigurationKey) -> String {
        guard key.name == "sink" else { return YAMLText.visible(text) }
        if let target = OutputTarget(text), target.isDatabase { return target.name }
        let isPlain = !text.hasPrefix("postgres") && !text.contains { $0 == "@" || $0 == "=" }
        return isPlain || OutputTarget(text) != nil ? YAMLText.visible(text) : "…"
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

    /// The keys that another configuration gives other values, in the order of the documents.
    func changedKeys(in other: Configuration) -> [ConfigurationKey] {
        ConfigurationKey.all.filter { key in
            settings[key.name]?.texts.map(\.text) != other.settings[key.name]?.texts.map(\.text)
        }
    }

    /// This one, with the keys that `takes` says from another.
    func taking(_ other: Configuration, _ takes: (ConfigurationKey) -> Bool) -> Configuration {
        var result = self
        for key in ConfigurationKey.all where takes(key) { result.settings[key.name] = other.settings[key.name] }
        return result
    }
}
