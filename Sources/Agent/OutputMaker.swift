import Glibc
import Logging
import Model
import Outputs

/// Opens the sinks that a run's options name, and what lies before each.
struct OutputMaker {
    let options: RunOptions
    let origin: StreamOrigin
    let waits: Bool
    let logger: Logger

    /// Names for spools: the same at each start, as long as the same outputs are named in the same order.
    static func names(_ targets: [OutputTarget]) -> [String] {
        var counts: [String: Int] = [:]
        return targets.map { target in
            let kind =
                switch target {
                case .postgres: "postgres"
                case .store: "sqlite"
                case .file: "file"
                case .standardOutput, .none: "stdout"
                }
            counts[kind, default: 0] += 1
            return counts[kind] == 1 ? kind : "\(kind)-\(counts[kind] ?? 0)"
        }
    }

    /// Opens a sink; what it returns starts its threads.
    ///
    /// - Parameter launcher: starts the program that writes to a database.
    func open(
        _ target: OutputTarget,
        spoolName: String,
        launcher: (any ProgramLaunching)?
    ) throws(SinkFailure) -> () -> any Output {
        switch target {
        case .postgres(let conninfo):
            guard let launcher else { throw SinkFailure("\(target.name): no process to start martlet-postgres") }
            let spool = try openSpool(spoolName)
            let sink = PostgresSink(
                database(conninfo),
                name: target.name,
                launcher: launcher,
                logger: logger
            )
            return start(spool, sink)
        case .standardOutput, .none: return start(try makeSink(target), name: target.name)
        case .file, .store:
            guard options.spoolsAll, !waits else { return start(try makeSink(target), name: target.name) }
            let spool = try openSpool(spoolName)
            return start(spool, PlainDelivery(try makeSink(target)))
        }
    }

    private func makeSink(_ target: OutputTarget) throws(SinkFailure) -> any Sink {
        switch target {
        case .standardOutput:
            let writer = options.format.makeWriter(node: origin.node, colored: options.colored)
            return StreamSink(descriptor: STDOUT_FILENO, writer: writer)
        case .file(let path):
            let writer = options.format.makeWriter(node: origin.node, colored: false)
            return try FileSink(path: path, rotation: options.rotation, writer: writer)
        case .store(let path): return try SQLiteSink(path: path, node: origin.node, limits: options.storeLimits)
        case .none, .postgres: return NullSink()
        }
    }

    private func database(_ conninfo: String) -> PostgresTarget {
        var database = PostgresTarget()
        database.conninfo = conninfo
        database.layout = options.compatibility == .tcpAudit ? .tcpAudit : .martlet
        database.host = origin.node
        database.retentionDays = options.postgresDays
        return database
    }

    /// A replay has its events already: they need no other place to wait in.
    private func openSpool(_ name: String) throws(SinkFailure) -> Spool {
        var settings = options.spool
        if waits { settings.size = 0 }
        return try Spool(name: name, settings, origin: origin, waits: waits, logger: logger)
    }

    private func start(_ spool: Spool, _ sink: any PositionedSink) -> () -> any Output {
        let retries = waits ? RetryPolicy.strict : options.retries
        return { SpooledOutput(spool, sink, waits: waits, retries: retries, logger: logger) }
    }

    /// Whoever reads from a run waits for nothing; a replay is not to hang on a full disk.
    private func start(_ sink: any Sink, name: String) -> () -> any Output {
        let retries = waits ? nil : options.retries
        return { SinkRunner(sink, name: name, waits: waits, retries: retries, logger: logger) }
    }
}
