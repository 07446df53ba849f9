import Engine
import UserInput

/// What one source says of one key.
package struct ConfigurationSetting: Sendable {
    /// A value as it was written, and where.
    package struct Text: Sendable {
        package let text: String
        package let place: ConfigurationPlace
    }

    package let key: ConfigurationKey
    package let texts: [Text]
    package let place: ConfigurationPlace

    /// Nil, with a problem, where the name is no key's.
    static func key(_ name: String, at place: ConfigurationPlace, _ problems: inout [ConfigurationProblem])
        -> ConfigurationKey?
    {
        if let key = ConfigurationKey.named(name) { return key }
        let names = ConfigurationKey.all.map(\.name)
        let remedy =
            NearestName.of(name, among: names).map { "did you mean \($0)?" }
            ?? "martlet config schema lists all"
        problems.append(ConfigurationProblem(place, "there is no key '\(name)'; \(remedy)"))
        return nil
    }
}
