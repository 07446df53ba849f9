/// What the command line asks for.
struct Options {
    var file = ""
    /// How many times the recording is run through, after once that is not measured.
    var passes = 5
    /// Records per batch: the reader takes what there is, up to 8192.
    var batch = 1024
    var stages = [Stage.encode]
    /// Only opens are run through again and again; what else there is, once.
    var opensOnly = false
    /// Print sizes by kind instead of measuring.
    var sizes = false
    /// Simulate so many rings, each number in turn, instead of measuring.
    var rings: [Int] = []
    /// Hold events against these rules; empty: against none.
    var rules = ""
    /// One deliberate allocation per event, to see that allocations are seen.
    var allocates = false

    /// How far the events go.
    enum Stage: String, CaseIterable {
        case build, decide, encode
    }

    struct Usage: Error, CustomStringConvertible {
        let description = """
            usage: PipelineBench FILE [--passes N] [--batch N] [--stages] [--opens] [--allocate-once] [--rules FILE]
                   PipelineBench FILE --sizes
                   PipelineBench FILE --simulate RINGS,… [--passes N]
              FILE             a recording of martlet run --record
              --passes N       measure N passes (5)
              --batch N        records per batch (1024)
              --stages         also measure how long building and deciding take alone
              --opens          measure opens only: no new process, no program started
              --rules FILE     hold events against these rules as well
              --allocate-once  allocate once per event on purpose
              --sizes          bytes of records and of JSON by kind
              --simulate RINGS,…  what merging so many rings costs, and what the hold does (root)
            """
    }

    init(_ arguments: some Collection<String>) throws(Usage) {
        var rest = arguments.makeIterator()
        while let argument = rest.next() {
            switch argument {
            case "--passes": passes = try Self.number(rest.next())
            case "--batch": batch = try Self.number(rest.next())
            case "--stages": stages = Stage.allCases
            case "--opens": opensOnly = true
            case "--sizes": sizes = true
            case "--rules":
                guard let file = rest.next() else { throw Usage() }
                rules = file
            case "--allocate-once": allocates = true
            case "--simulate":
                opensOnly = true
                for text in (rest.next() ?? "").split(separator: ",") { rings.append(try Self.number(String(text))) }
                guard let most = rings.max(), most <= 64 else { throw Usage() }
            default:
                guard file.isEmpty, !argument.hasPrefix("-") else { throw Usage() }
                file = argument
            }
        }
        guard !file.isEmpty else { throw Usage() }
    }

    private static func number(_ text: String?) throws(Usage) -> Int {
        guard let number = text.flatMap({ Int($0) }), number > 0 else { throw Usage() }
        return number
    }
}
