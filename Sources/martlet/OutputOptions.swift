import Agent
import ArgumentParser
import Formats
import Outputs

/// In which form events go where.
struct OutputOptions: ParsableArguments {
    @Option(
        name: [.customShort("o"), .customLong("output"), .customLong("format")],
        help: ArgumentHelp(
            "The form of events: compact (a line for people), json (Tetragon's shape), or the lines of bpfd, tcp-audit or "
                + "traceleft, which have fewer events.",
            valueName: "format"
        )
    )
    var output: EventFormat?

    @Option(
        name: .customLong("to"),
        help: ArgumentHelp("Write events to a file instead of standard output.", valueName: "file"),
        completion: .file()
    )
    var file: String?

    @Option(
        name: .customLong("sink"),
        help: ArgumentHelp(
            "Where events go, several by repeating: stdout, file:PATH, sqlite, a store for martlet query (sqlite:PATH for one "
                + "of your own), or postgres, a database by the PG… variables (postgres://URI, postgres:CONNINFO).",
            valueName: "sink"
        ),
        completion: .list(["stdout", "sqlite", "sqlite:", "file:", "postgres", "postgres:"])
    )
    var sinks: [OutputTarget] = []

    @Option(name: .long, help: ArgumentHelp("How long a store keeps events (7d): 12h, 30d.", valueName: "time"))
    var storeAge: Seconds?

    @Option(name: .long, help: ArgumentHelp("How large a store grows (1G): 200M, 10G.", valueName: "size"))
    var storeSize: ByteCount?

    @Option(name: .long, help: ArgumentHelp("Begin a new file at this size: 500K, 10M, 1G.", valueName: "size"))
    var rotateSize: ByteCount?

    @Option(name: .long, help: ArgumentHelp("Begin a new file at this age: 30s, 15m, 24h.", valueName: "time"))
    var rotateAge: Seconds?

    @Option(name: .long, help: ArgumentHelp("How many old files to keep (5).", valueName: "n"))
    var rotateCount: Int?

    func validate() throws {
        if let rotateCount, rotateCount < 0 { throw ValidationError("--rotate-count must be at least 0.") }
        if !sinks.allSatisfy(\.isMeant) {
            let told = ConfigurationKey.all.first { $0.name == "sink" }?.told ?? ""
            // Not with the value: a password may stand where it would be shown.
            throw ValidationError("The value is invalid for '--sink <sink>': it is not \(told).")
        }
    }

    /// What was not given stays as it is.
    func apply(to options: inout RunOptions) {
        if let output { options.format = output }
        // A file of --to comes first.
        let named = (file.map { [.file($0)] } ?? []) + sinks
        if !named.isEmpty { options.outputs = named }
        if let storeAge { options.storeLimits.age = storeAge.value }
        if let storeSize { options.storeLimits.size = storeSize.bytes }
        if let rotateSize { options.rotation.size = rotateSize.bytes }
        if let rotateAge { options.rotation.age = Int(rotateAge.value.rounded(.up)) }
        if let rotateCount { options.rotation.count = rotateCount }
    }

    /// The keys of what was chosen.
    var keys: Set<String> {
        ChosenKeys.of([
            "format": output != nil, "sink": file != nil || !sinks.isEmpty, "store-age": storeAge != nil,
            "store-size": storeSize != nil, "rotate-size": rotateSize != nil, "rotate-age": rotateAge != nil,
            "rotate-count": rotateCount != nil,
        ])
    }

    /// What does not go together.
    func check(_ options: RunOptions) throws {
        let outputs = options.outputs
        if rotateSize != nil || rotateAge != nil, !outputs.contains(where: \.isFile) {
            throw ValidationError("--rotate-size and --rotate-age need a file to rotate: add --to FILE.")
        }
        if storeAge != nil || storeSize != nil, !outputs.contains(where: \.isStore) {
            throw ValidationError("--store-age and --store-size need a store: add --sink sqlite.")
        }
        for (index, output) in outputs.enumerated() where outputs[..<index].contains(output) {
            throw ValidationError("\(output.name) is named twice: name each output once.")
        }
    }
}
