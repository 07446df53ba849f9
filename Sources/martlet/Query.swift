import Agent
import ArgumentParser
import Formats
import Glibc
import Outputs

struct Query: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look up what a store holds.",
        discussion: """
            Reads what martlet run --sink sqlite wrote, also while it writes, in the order of time. Needs no more than the \
            permission to read the file. Ends with status 0, also when nothing was found; with 1 when the store could not be \
            read or the SQL is wrong; with 130 after Ctrl-C.

            Try:  martlet query --since 10m --path /etc      who opened what below /etc
                  martlet query --last 20 --event exec -o json
                  martlet query --sql 'SELECT binary, count(*) FROM execs GROUP BY 1 ORDER BY 2 DESC'
            """
    )

    @Option(
        name: .long,
        help: ArgumentHelp("The store, where it is not in its usual place.", valueName: "file"),
        completion: .file()
    )
    var store: String?

    @OptionGroup var filter: FilterOptions

    @Option(
        name: .long,
        help: ArgumentHelp("Only from then on: 10m ago, 2h, 7d, or 2026-11-21T10:00:00Z (UTC).", valueName: "time")
    )
    var since: Moment?

    @Option(name: .long, help: ArgumentHelp("Only before then, in the same forms.", valueName: "time"))
    var until: Moment?

    @Option(name: .long, help: ArgumentHelp("At most the first so many events.", valueName: "n"))
    var limit: Int?

    @Option(name: .long, help: ArgumentHelp("Only the last so many events.", valueName: "n"))
    var last: Int?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A statement that reads, instead of a filter: files, execs, exits … are views, see docs/store.md.",
            valueName: "select"
        )
    )
    var sql: String?

    @Option(
        name: .shortAndLong,
        help: "table for people, or json: events as martlet run -o json wrote them, rows as objects."
    )
    var output: QueryFormat = .table

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1.") }
        if let last, last < 1 { throw ValidationError("--last must be at least 1.") }
        if limit != nil, last != nil {
            throw ValidationError("--limit counts from the beginning, --last from the end: choose one.")
        }
        guard let sql else { return }
        if sql.allSatisfy(\.isWhitespace) { throw ValidationError("--sql is empty: write a SELECT.") }
        if !filter.isEmpty || since != nil || until != nil || limit != nil || last != nil {
            throw ValidationError("--sql takes no other conditions: put them into its WHERE and LIMIT.")
        }
    }

    func run() throws {
        do {
            let reader = try StoreReader(path: store ?? StoreFile.readablePath)
            // The statement ends at its next step; what was found so far is out by then.
            signal(SIGINT) { _ in StoreReader.isInterrupted.store(true, ordering: .relaxed) }
            // Whoever started us may have held it back for itself.
            var interrupt = sigset_t()
            sigemptyset(&interrupt)
            sigaddset(&interrupt, SIGINT)
            sigprocmask(SIG_UNBLOCK, &interrupt, nil)
            signal(SIGPIPE, SIG_IGN)
            let count = try write(reader)
            if count == 0 { Console.writeError("martlet: nothing found") }
        } catch let failure as StoreFailure where failure.isInterrupt {
            throw ExitCode(130)
        } catch is QueryOutput.ReaderLeft {
            // As with head: it has what it wanted.
        } catch let code as ExitCode {
            throw code
        } catch {
            Console.writeError("martlet: \(error)")
            throw ExitCode.failure
        }
    }

    private func write(_ reader: StoreReader) throws -> Int {
        var output = QueryOutput()
        if sql == nil, self.output == .json { return try output.writeEvents(reader, selection) }
        let rows = try sql.map { try StoreRows(reader, sql: $0) } ?? StoreQuery.table(reader, selection)
        return try output.write(rows, asJSON: self.output == .json)
    }

    private var selection: StoreSelection {
        var selection = StoreSelection()
        selection.filter = filter.filter
        selection.since = since?.time
        selection.until = until?.time
        selection.limit = limit
        selection.last = last
        return selection
    }
}

enum QueryFormat: String, ExpressibleByArgument, CaseIterable {
    case table, json
}
