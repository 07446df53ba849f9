/// The keys of a configuration that a command line decides.
enum ChosenKeys {
    /// - Parameter options: keys, each with whether its option was given.
    static func of(_ options: KeyValuePairs<String, Bool>) -> Set<String> { Set(options.filter(\.value).map(\.key)) }
}
