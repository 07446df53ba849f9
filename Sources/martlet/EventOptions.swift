import Agent
import ArgumentParser
import Engine
import Formats
import Glibc
import Model
import Outputs

/// Which events, in which form, where to: what `run` and `replay` have in common.
struct EventOptions: ParsableArguments {
    @Option(
        name: [.customShort("o"), .customLong("output"), .customLong("format")],
        help: ArgumentHelp(
            "The form of events: compact (a line for people), json (Tetragon's shape), or the lines of bpfd, tcp-audit or "
                + "traceleft, which have fewer events.",
            valueName: "format"
        )
    )
    var output: EventFormat?

    @OptionGroup var filter: FilterOptions

    @Option(name: .long, help: ArgumentHelp("End after this many events.", valueName: "n"))
    var count: Int?

    @Option(
        name: .customLong("to"),
        help: ArgumentHelp("Write events to a file instead of standard output.", valueName: "file"),
        completion: .file()
    )
    var file: String?

    @Option(
        name: .customLong("sink"),
        help: ArgumentHelp(
            "Where events go, several by repeating: stdout, file:PATH, or sqlite, a store for martlet query "
                + "(sqlite:PATH for one of your own).",
            valueName: "sink"
        ),
        completion: .list(["stdout", "sqlite", "sqlite:", "file:"])
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

    @Option(name: .long, help: "Colour: auto, always or never. NO_COLOR is respected.")
    var color: ColorChoice = .auto

    @Flag(name: .shortAndLong, help: "No summary at the end.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Say more about what the agent does; twice for all of it.")
    var verbose: Int

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count must be at least 1.") }
        if let rotateCount, rotateCount < 0 { throw ValidationError("--rotate-count must be at least 0.") }
    }

    /// The part of the run's options that is decided here; what was not given stays as it is.
    func apply(to options: inout RunOptions) throws {
        if let output { options.format = output }
        options.colored = color.isOn
        options.count = count
        // A file of --to comes first.
        let named = (file.map { [.file($0)] } ?? []) + sinks
        if !named.isEmpty { options.outputs = named }
        if let storeAge { options.storeLimits.age = storeAge.value }
        if let storeSize { options.storeLimits.size = storeSize.bytes }
        if let rotateSize { options.rotation.size = rotateSize.bytes }
        if let rotateAge { options.rotation.age = Int(rotateAge.value.rounded(.up)) }
        if let rotateCount { options.rotation.count = rotateCount }
        options.summary = !quiet
        filter.apply(to: &options.filter)
        try check(options)
        let format = options.format
        if !format.hasAll { options.filter.hasLine = { format.has($0, $1) } }
    }

    private func check(_ options: RunOptions) throws {
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
