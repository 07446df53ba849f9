import BPF

/// What the kernel programs are told before they are loaded.
package struct ProbeSettings: Sendable {
    /// What to watch, beside the minimum.
    package var observations: Set<Observation> = Set(Observation.allCases).subtracting([.shell, .tcpDrop, .breakout])
    /// How many bytes of an exec's arguments are kept.
    package var argsLimit = 16384
    /// How many bytes of a typed line are kept.
    package var lineLimit = 32768
    /// The environment variables that an exec event may tell, by name.
    package var environment: [String] = []
    /// Whether opens tell the path of what was opened, not only the path that was asked for.
    package var resolvesPaths = true
    /// Bytes of each ring of the pool.
    package var ringBytes = 8 << 20
    /// Bytes of the life-cycle lane's ring.
    package var lifeCycleBytes = Self.standardLifeCycle
    /// How many connections and listeners can have their owner remembered at once.
    package var sockets = 65536
    /// How many rings the pool has: a power of two up to 64. At first as many as there are CPUs, up to 8.
    package var pool = Self.pool(for: possibleCPUs)

    package init() {}

    /// Sets the size of all rings; the life-cycle lane's never becomes smaller than it is anyway.
    package mutating func setRings(bytes: Int) {
        ringBytes = bytes
        lifeCycleBytes = max(Self.standardLifeCycle, bytes)
    }

    private static let standardLifeCycle = 8 << 20

    /// The power of two at or below the number of CPUs, at most 8: more rings cost memory and no longer spare contention.
    static func pool(for cpus: Int) -> Int {
        var pool = 1
        while pool * 2 <= min(cpus, 8) { pool *= 2 }
        return pool
    }

    /// The largest value of each, as the programs are written.
    package static let maximumArgs = 65536
    package static let maximumLine = 65536
    package static let maximumRing = 1 << 30
    package static let maximumSockets = 16 << 20
    package static let maximumEnvironment = 64
    package static let maximumEnvironmentName = 63

    /// Whether a variable of the environment can be called so.
    package static func isEnvironmentName(_ name: String) -> Bool {
        (1...maximumEnvironmentName).contains(name.utf8.count) && !name.utf8.contains(UInt8(ascii: "="))
            && !name.utf8.contains(0)
    }
}
