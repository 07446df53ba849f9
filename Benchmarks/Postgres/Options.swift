/// What the command line asks for.
struct Options {
    var conninfo = ""
    var events = 400_000
    /// Batches in a transaction; a batch has 1,024 events.
    var transaction = 16
    var processes = 300
    var paths = 5_000

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let usage = Failure(
        description: """
            usage: PostgresBench CONNINFO [--events N] [--transaction BATCHES] [--processes N] [--paths N]
              --events N             so many opens (400000)
              --transaction BATCHES  so many batches of 1,024 events are one transaction (16)
              --processes N          so many processes open (300)
              --paths N              so many files (5000)
            """
    )

    init(_ arguments: some Collection<String>) throws(Failure) {
        var rest = arguments.makeIterator()
        while let argument = rest.next() {
            switch argument {
            case "--events": events = try Self.number(rest.next())
            case "--transaction": transaction = try Self.number(rest.next())
            case "--processes": processes = try Self.number(rest.next())
            case "--paths": paths = try Self.number(rest.next())
            default:
                guard conninfo.isEmpty, !argument.hasPrefix("-") else { throw Self.usage }
                conninfo = argument
            }
        }
        guard !conninfo.isEmpty else { throw Self.usage }
    }

    private static func number(_ text: String?) throws(Failure) -> Int {
        guard let number = text.flatMap({ Int($0) }), number > 0 else { throw usage }
        return number
    }
}
