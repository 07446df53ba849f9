/// The summary that a run prints: what was produced, and what became of it.
struct Books {
    struct Row: Equatable {
        var produced = 0, written = 0, filtered = 0, lost = 0
    }

    private(set) var rows: [String: Row] = [:]
    /// By reason.
    private(set) var lost: [String: Int] = [:]
    /// Lines that tell of events without an explanation.
    private(set) var unexplained: [String] = []

    init(_ text: String) {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            let numbers = words.dropFirst().compactMap { Int($0) }
            if line.contains("unexplained") {
                unexplained.append(String(line))
            } else if words.count == 5, numbers.count == 4 {
                rows[String(words[0])] = Row(
                    produced: numbers[0],
                    written: numbers[1],
                    filtered: numbers[2],
                    lost: numbers[3]
                )
            } else if words.count > 3, words[0] == "lost", words[2] == "by", let count = Int(words[1]) {
                lost[String(words[3].dropLast())] = count
            }
        }
    }

    func row(_ kind: String) -> Row { rows[kind] ?? Row() }

    var totalLost: Int { lost.values.reduce(0, +) }
}
