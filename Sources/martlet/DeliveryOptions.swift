import Agent
import ArgumentParser
import Outputs

/// What happens while an output is away.
struct DeliveryOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("The folder in which events wait for databases that are away.", valueName: "folder"),
        completion: .directory
    )
    var spoolDir: String?

    @Option(
        name: .long,
        help: ArgumentHelp("How much may wait for each output (1G); 0: in memory alone.", valueName: "size")
    )
    var spoolSize: SpoolSize?

    @Option(name: .long, help: ArgumentHelp("How long events may wait (7d).", valueName: "time"))
    var spoolAge: Seconds?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "When what waits must be safe from a crash of the machine: after this time (1s), always, or never.",
            valueName: "time"
        )
    )
    var spoolSync: SpoolSettings.Sync?

    @Flag(name: .long, help: "Files and stores have a spool as well.")
    var spoolAll = false

    @Flag(name: .long, help: "End when an output fails five times in a row, instead of trying for ever.")
    var strict = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Keep to a system's tables in a database and, with martlet run, end as it does after a signal: tcp-audit.",
            valueName: "system"
        )
    )
    var compat: Compatibility?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "How long a PostgreSQL database keeps events (30d), in whole days; 0: for ever.",
            valueName: "time"
        )
    )
    var postgresAge: Days?

    /// What was not given stays as it is.
    func apply(to options: inout RunOptions) {
        if let spoolDir { options.spool.folder = spoolDir }
        if let spoolSize { options.spool.size = spoolSize.bytes }
        if let spoolAge { options.spool.age = spoolAge.value }
        if let spoolSync { options.spool.sync = spoolSync }
        if spoolAll { options.spoolsAll = true }
        if strict { options.retries = .strict }
        if let compat { options.compatibility = compat }
        if let postgresAge { options.postgresDays = postgresAge.count }
    }

    /// The keys of what was chosen.
    var keys: Set<String> {
        ChosenKeys.of([
            "spool-dir": spoolDir != nil, "spool-size": spoolSize != nil, "spool-age": spoolAge != nil,
            "spool-sync": spoolSync != nil, "spool-all": spoolAll, "strict": strict, "compat": compat != nil,
            "postgres-age": postgresAge != nil,
        ])
    }

    /// What does not go together.
    func check(_ options: RunOptions) throws {
        let hasDatabase = options.outputs.contains(where: \.isDatabase)
        if compat != nil || postgresAge != nil, !hasDatabase {
            throw ValidationError("--compat and --postgres-age need a database: add --sink postgres.")
        }
        if spoolDir != nil || spoolSize != nil || spoolAge != nil || spoolSync != nil, !hasDatabase, !options.spoolsAll
        {
            throw ValidationError("--spool-… options need a database to wait for: add --sink postgres, or --spool-all.")
        }
    }
}

/// A size, or 0.
struct SpoolSize: ExpressibleByArgument {
    let bytes: Int

    init?(argument: String) {
        guard let bytes = argument == "0" ? 0 : ByteCount(argument)?.bytes else { return nil }
        self.bytes = bytes
    }
}

/// A time in whole days, or 0.
struct Days: ExpressibleByArgument {
    let count: UInt32

    init?(argument: String) {
        guard let seconds = argument == "0" ? 0 : Seconds(argument)?.value else { return nil }
        count = UInt32((seconds / 86400).rounded(.up))
    }
}

extension SpoolSettings.Sync: ExpressibleByArgument {
    /// From an option's text.
    public init?(argument: String) { self.init(argument) }
}

extension Compatibility: ExpressibleByArgument {}
