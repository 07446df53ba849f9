import Agent
import ArgumentParser
import Engine
import Formats
import Model

/// Which events, in which form, where to: what `run` and `replay` have in common.
struct EventOptions: ParsableArguments {
    @OptionGroup var output: OutputOptions

    @OptionGroup var delivery: DeliveryOptions

    @OptionGroup var filter: FilterOptions

    @Option(name: .long, help: ArgumentHelp("End after this many events.", valueName: "n"))
    var count: Int?

    @Option(name: .long, help: "Colour: auto, always or never. NO_COLOR is respected.")
    var color: ColorChoice = .auto

    @Flag(name: .shortAndLong, help: "No summary at the end.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Say more about what the agent does; twice for all of it.")
    var verbose: Int

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count must be at least 1.") }
    }

    /// The part of the run's options that is decided here; what was not given stays as it is.
    func apply(to options: inout RunOptions) throws {
        output.apply(to: &options)
        delivery.apply(to: &options)
        options.colored = color.isOn
        options.count = count
        options.summary = !quiet
        filter.apply(to: &options.filter)
        try output.check(options)
        try delivery.check(options)
        let format = options.format
        if !format.hasAll { options.filter.hasLine = { format.has($0, $1) } }
    }
}
