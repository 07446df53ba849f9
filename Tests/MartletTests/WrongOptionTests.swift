import Testing

/// A mistake on the command line is told with its option and what is right.
@Suite struct WrongOptionTests {
    private let martlet: Martlet

    init() throws { martlet = try Martlet() }

    private func expect(_ texts: String..., from result: Martlet.Result) {
        #expect(result.exitCode == 64)
        #expect(result.output.isEmpty)
        for text in texts { #expect(result.errors.contains(text), "\(result.errors)") }
        #expect(result.errors.contains("See 'martlet"))
    }

    @Test func anUnknownOptionSuggestsTheNearest() throws {
        expect("Unknown option '--evnt'. Did you mean '--event'?", from: try martlet.run("run", "--evnt", "exec"))
    }

    @Test(arguments: ["foo", "exec,foo", "exec,", "", "EXEC", "clock"]) func anUnknownKindListsTheKinds(kind: String)
        throws
    {
        let result = try martlet.run("run", "--event", kind)
        expect("'--event <kind", "fork, exec, exec-failed, exit, open, heartbeat, snapshot, loss", from: result)
    }

    @Test func anUnknownFormatListsTheFormats() throws {
        expect(
            "'-o <format>'",
            "'json', 'compact', 'bpfd', 'tcp-audit' or 'traceleft'",
            from: try martlet.run("run", "-o", "yaml")
        )
    }

    @Test func anUnknownUserSaysWhereUsersAreLookedUp() throws {
        expect("'--user <name|uid>'", "/etc/passwd", from: try martlet.run("run", "--user", "no-such-user"))
    }

    @Test(arguments: ["5X", "-1", "M", "0", "nan", "inf", "1e30"]) func aWrongSizeShowsRightOnes(size: String) throws {
        let result = try martlet.run("run", "--to", "/dev/null", "--rotate-size=\(size)")
        expect("'--rotate-size <size>'", "500K, 10M, 1G", from: result)
    }

    @Test(arguments: ["soon", "-5", "0", "5y", "nan"]) func aWrongTimeShowsRightOnes(time: String) throws {
        expect("'--duration <time>'", "30s, 15m, 24h", from: try martlet.run("run", "--duration=\(time)"))
    }

    @Test(arguments: ["0", "-3"]) func aCountBelowOneIsToldSo(count: String) throws {
        expect("--count must be at least 1.", from: try martlet.run("run", "--count=\(count)"))
    }

    @Test func aRotationWithoutAFileSaysWhatToAdd() throws {
        expect("add --to FILE", from: try martlet.run("run", "--rotate-size", "1M"))
        expect("add --to FILE", from: try martlet.run("replay", "x", "--rotate-age", "1h"))
    }

    @Test func aNegativeNumberOfOldFilesIsToldSo() throws {
        expect("--rotate-count must be at least 0.", from: try martlet.run("run", "--rotate-count=-1"))
    }

    @Test(arguments: ["", "sqlit", "file", "file:", "sqlite:", "stdout:x", "/tmp/x"])
    func anUnknownSinkShowsTheRightOnes(sink: String) throws {
        expect("'--sink <sink>'", "stdout, file:PATH, sqlite,", from: try martlet.run("run", "--sink=\(sink)"))
    }

    @Test func optionsOfASpoolWantSomethingThatHasOne() throws {
        for options in [
            ["--spool-size", "1G"], ["--spool-sync", "never"], ["--spool-dir", "/x"], ["--spool-age", "1h"],
        ] {
            expect("add --sink postgres, or --spool-all", from: try martlet.run("run", options[0], options[1]))
        }
        expect("add --sink postgres.", from: try martlet.run("run", "--compat", "tcp-audit"))
        expect("'--spool-sync <time>'", from: try martlet.run("run", "--sink", "postgres", "--spool-sync", "soon"))
        expect("'--compat <system>'", from: try martlet.run("run", "--sink", "postgres", "--compat", "tcpaudit"))
    }

    @Test func aPasswordIsNotRepeated() throws {
        let sink = "postgres://me:hunter2@db/x?sslmode=require"
        let result = try martlet.run("run", "--sink", sink, "--sink", sink)
        expect("postgres:host=db dbname=x user=me is named twice", from: result)
        #expect(!result.errors.contains("hunter2"))
    }

    @Test func aDatabaseThatCannotBeMeantIsToldWithoutWhatMayBeAPassword() throws {
        let result = try martlet.run("run", "--sink", "postgres:me:hunter2@db/x")
        expect("'--sink <sink>'", "stdout, file:PATH, sqlite, sqlite:PATH, postgres, postgres:CONNINFO", from: result)
        #expect(!result.errors.contains("hunter2"))
    }

    @Test func aSinkThatIsNamedTwiceIsToldSo() throws {
        let result = try martlet.run("run", "--sink", "stdout", "--sink", "stdout")
        expect("standard output is named twice: name each output once.", from: result)
        expect("/x is named twice", from: try martlet.run("replay", "r", "--to", "/x", "--sink", "file:/x"))
    }

    @Test func limitsOfAStoreNeedAStore() throws {
        expect("add --sink sqlite", from: try martlet.run("run", "--store-age", "1d"))
        expect("add --sink sqlite", from: try martlet.run("run", "--sink", "stdout", "--store-size", "1G"))
    }

    @Test(arguments: [
        "yesterday", "2026-13-01", "2026-02-30", "10", "2026-11-21T25:00", "-5m", "2026-11-21T10:00+99:00",
        "9999-01-01",
    ])
    func aWrongMomentShowsRightOnes(moment: String) throws {
        expect(
            "'--since <time>'",
            "10m ago, 2h, 7d, or 2026-11-21T10:00:00Z",
            from: try martlet.run("query", "--since=\(moment)")
        )
    }

    @Test func whatAQueryCannotCombineIsToldSo() throws {
        expect("choose one", from: try martlet.run("query", "--limit", "1", "--last", "1"))
        expect("put them into its WHERE", from: try martlet.run("query", "--sql", "SELECT 1", "--pid", "1"))
        expect("--sql is empty", from: try martlet.run("query", "--sql", " "))
        expect("--limit must be at least 1.", from: try martlet.run("query", "--limit", "0"))
    }

    @Test func aReplayWithoutAFileAsksForOne() throws {
        expect("Missing expected argument '<file>'", from: try martlet.run("replay"))
    }

    @Test func anUnknownCommandIsTold() throws {
        expect("'rn'", from: try martlet.run("rn"))
    }
}
