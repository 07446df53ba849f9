/// The summary that a run prints: what was produced, and what became of it.
struct Books {
    struct Row: Equatable {
        var produced = 0, written = 0, filtered = 0, lost = 0
    }

    private(set) var rows: [String: Row] = [:]
    /// By reason.
    private(set) var lost: [String: Int] = [:]
    /// Runs that the kernel left out because the same program was under way on that CPU, and counted. From 7.0 on a task
    /// may be preempted in it; and an interrupt that changes a connection's state may hit it, which on an emulated machine
    /// is no rare event.
    private(set) var missed = 0
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
        if Machine.kernel >= (7, 0) || Machine.scale > 1 { missed = lost.removeValue(forKey: "reentered") ?? 0 }
    }

    func row(_ kind: String) -> Row { rows[kind] ?? Row() }

    /// All that was lost, but for what no test can prevent.
    var totalLost: Int { lost.values.reduce(0, +) }

    /// Whether so many events are all that there were, but for those.
    func isAll(_ count: Int, of expected: Int) -> Bool { count <= expected && count + missed >= expected }
}
