import Testing

extension Kernel {
    /// Every type, operator and section that something harmless triggers, by real policies: where the matrix of
    /// `docs/policies.md` comes from. What this kernel cannot load is noted; what it loads must find just its calls.
    @Suite struct PolicyMatrixTests {
        private func check(_ groups: [MatrixGroup]) throws {
            let run = try MatrixRun()
            let record = try MatrixRecord()
            for group in groups {
                let results = try run.results(group)
                try MatrixResult.write(results)
                for result in results {
                    #expect(result.outcome != .no, "\(result.line)")
                    let isLost = record.isLost(result)
                    #expect(!isLost, "worked on this kernel before: \(result.line)")
                }
            }
        }

        @Test func `What is recorded as working and does not load any more is a fault`() throws {
            let record = try MatrixRecord(series: "6.18")
            func lost(_ outcome: MatrixResult.Outcome, _ type: String) -> Bool {
                let result = MatrixResult(
                    section: "syscalls",
                    call: "sys_lseek",
                    type: type,
                    comparison: "Equal",
                    outcome: outcome,
                    detail: ""
                )
                return record.isLost(result)
            }
            #expect(record.count > 1000)
            #expect(lost(.notLoadable, "int64") && !lost(.yes, "int64") && !lost(.notLoadable, "unheard-of"))
        }

        @Test func `System calls`() throws {
            let places = try MatrixPlaces()
            try check(MatrixTables.systemCalls(places))
        }

        @Test func `Raw tracepoints`() throws {
            let places = try MatrixPlaces()
            try check(MatrixTables.rawTracepoints(places))
        }

        @Test func `Tracepoints by their records`() throws {
            let places = try MatrixPlaces()
            try check(MatrixTables.tracepoints(places))
        }

        @Test func `Functions of programs`() throws {
            let places = try MatrixPlaces()
            try check(MatrixTables.uprobes(places))
        }

        @Test func `Functions of the kernel by kprobes`() throws {
            let places = try MatrixPlaces()
            try check(MatrixTables.functions("kprobes", places))
        }

        @Test func `Functions of the kernel by fentries`() throws {
            let places = try MatrixPlaces()
            try check(MatrixTables.functions("fentries", places))
        }

        @Test func `Hooks of the security modules`() throws {
            let places = try MatrixPlaces()
            try check(MatrixTables.securityHooks(places))
        }
    }
}
