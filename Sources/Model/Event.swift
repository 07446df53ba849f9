/// One event of a batch: its record, the process that did it, and when.
package struct Event {
    /// Where its record lies in the batch.
    package let offset: Int
    package let kind: EventKind
    /// Wall time, ns since 1970.
    package let time: UInt64
    /// What ran in the process then; nil for what no process did.
    package let process: Execution?
    package let parent: Execution?
    /// Nil: it matched none, or there are none.
    package internal(set) var rules: MatchedRules?

    package init(
        offset: Int,
        kind: EventKind,
        time: UInt64,
        process: Execution?,
        parent: Execution?,
        rules: MatchedRules? = nil
    ) {
        self.offset = offset
        self.kind = kind
        self.time = time
        self.process = process
        self.parent = parent
        self.rules = rules
    }
}
