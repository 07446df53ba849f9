/// One cell's test: an argument of a type, an operator, what it is compared with, and the calls that it must find.
struct MatrixCase {
    /// What the argument is; of conditions on the process the kind of condition, such as `matchPIDs`.
    let type: String
    /// The operator; `read` for a value that is only told.
    let comparison: String
    /// With what; of `read`, what the value must hold, as text in its bytes.
    let values: [String]
    /// Which of the group's calls it finds, by their letters.
    let finds: String
    /// Which argument; -1: what is returned.
    let index: Int
    /// What else is said of the argument, such as `resolve: f_path`.
    let more: String
    /// Whole `matchArgs`, or another kind of condition, where the usual one does not do.
    let selector: String?

    init(
        _ type: String,
        _ comparison: String,
        _ values: [String] = [],
        _ finds: String,
        at index: Int = 0,
        more: String = "",
        selector: String? = nil
    ) {
        self.type = type
        self.comparison = comparison
        self.values = values
        self.finds = finds
        self.index = index
        self.more = more
        self.selector = selector
    }
}

/// Cases at one place, which one run of calls serves.
struct MatrixGroup {
    /// As the matrix calls it: `raw tracepoints` are a column of their own.
    let section: String
    /// The hook as it stands in a policy, without arguments and selectors.
    let hook: String
    /// What is called: the calls a, b, c, … are done 3, 5, 7, 17 times.
    let calls: [[[String]]]
    let cases: [MatrixCase]
    /// Whether the program that is looked for is the one that makes the calls.
    var isOfWorkload = true
    /// A further condition, which keeps out what the program does beside its calls; the first of the arguments is the
    /// case's own, the second is `gateArgument`.
    var gate: String?
    var gateArgument: String?

    static let counts = [3, 5, 7, 17]

    /// How often a case is to be told.
    func count(_ finds: String) -> Int {
        finds.unicodeScalars.reduce(0) { $0 + Self.counts[Int($1.value) - 97] }
    }

    /// What it is called in a line of results: the function, event or symbol.
    var name: String {
        let words = hook.split { $0 == " " || $0 == "," }
        guard let at = words.firstIndex(where: { ["call:", "hook:", "event:", "symbols:"].contains($0) }) else {
            return hook
        }
        return words[at + 1].trimmingPrefix("[").split(separator: "]").joined()
    }
}
