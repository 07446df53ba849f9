/// A kernel program and what it has cost.
package struct ProgramCost: Sendable, Equatable {
    package var name: String
    package var runs: UInt64
    package var nanoseconds: UInt64

    /// A line for people.
    package var text: String {
        let perRun = runs == 0 ? 0 : nanoseconds / runs
        return "kernel program \(name): \(runs) runs, \(nanoseconds / 1_000_000) ms, \(perRun) ns each"
    }
}

/// A ring and what waits in it, in bytes.
package struct RingUse: Sendable, Equatable {
    package var name: String
    package var bytes: Int
    package var used: Int
}
