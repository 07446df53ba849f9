import Formats
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

    /// The name of a target's spool: of its own, whatever else is named beside it. What waits for one never goes to another.
    func spoolName(_ target: OutputTarget) -> String? {
        var hash = FNV1a()
        switch target {
        case .postgres(let conninfo):
            let address = PostgresAddress(conninfo) { name in getenv(name).map { String(cString: $0) } }
            hash.add(address.identity)
            hash.add(options.compatibility?.rawValue ?? "")
            return "postgres-" + hash.digits
        case .store(let path):
            hash.add(path)
            return "sqlite-" + hash.digits
        case .file(let path):
            hash.add(path)
            return "file-" + hash.digits
        case .standardOutput, .none: return nil
        }
    }

    /// Says which spools have events for somebody who is not named any more.
    func tellOrphans() {
        guard options.hasSpool, !waits, let folder = opendir(options.spool.folder) else { return }
        defer { closedir(folder) }
        let used = Set(options.outputs.compactMap(spoolName))
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            let path = options.spool.folder + "/" + name
            guard !used.contains(name), Spool.isLeftBehind(path) else { continue }
            logger.warning(
                "\(path): events wait there for an output that is not named any more: name it again, or remove the folder"
            )
        }
    }

    /// Opens a sink; what it returns starts its threads.
    ///
    /// - Parameter launcher: starts the program that writes to a database.
    func open(
        _ target: OutputTarget,
        launcher: (any ProgramLaunching)?
    ) throws(SinkFailure) -> () -> any Output {
        let spoolName = spoolName(target) ?? ""
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
