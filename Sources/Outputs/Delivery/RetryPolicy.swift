/// What happens when a sink fails: tried again after a while, for ever or so many times.
package struct RetryPolicy: Sendable, Equatable {
    /// After so many failures in a row the agent ends; nil: it goes on for ever.
    package var limit: Int?
    /// Seconds before the second attempt; doubled before each further one.
    package var first = 0.1
    /// Seconds that it never waits longer than.
    package var longest = 30.0

    package init(limit: Int? = nil) { self.limit = limit }

    /// Whatever happens, the agent watches on: what cannot be delivered waits as long as there is room, and is then counted.
    package static let degrade = RetryPolicy()
    /// As tcp-audit does: five failures in a row end the process.
    package static let strict = RetryPolicy(limit: 5)
}

/// The attempts to deliver one thing.
struct Attempts {
    private let policy: RetryPolicy
    private(set) var failures = 0

    init(_ policy: RetryPolicy) { self.policy = policy }

    /// Whether it failed as often as it may.
    var isExhausted: Bool { policy.limit.map { failures >= $0 } ?? false }

    mutating func succeed() { failures = 0 }

    /// Notes a failure, and says how many seconds to wait.
    ///
    /// Half of it is left to chance, so that agents whose server comes back do not all come at once.
    mutating func fail(_ random: (ClosedRange<Double>) -> Double = { Double.random(in: $0) }) -> Double {
        failures += 1
        var delay = policy.first
        for _ in 1..<max(failures, 1) where delay < policy.longest { delay *= 2 }
        return min(delay, policy.longest) * random(0.5...1)
    }
}
