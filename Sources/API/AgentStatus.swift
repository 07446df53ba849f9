import Model
import Outputs

/// How the agent is, at one moment.
package struct AgentStatus: Sendable {
    package var version = ""
    package var node = ""
    package var kernel = ""
    /// Seconds since it began to watch.
    package var uptime = 0.0
    package var observations: [Observation] = []
    package var outputs: [Output] = []
    package var clients: [Client] = []
    /// What all clients together have got and missed since the start, those that have gone too.
    package var streamed = Streamed()
    package var ledger = Ledger()
    /// How many processes the table holds.
    package var processes = 0
    /// Resident bytes.
    package var memory: UInt64 = 0
    package var rings: [Ring] = []
    /// What the kernel's programs cost; empty unless it was asked to measure.
    package var programs: [Program] = []
    /// Names of the capabilities that are in effect.
    package var capabilities: [String] = []
    /// The configuration file that holds; empty: none was found.
    package var configuration = ""

    package init() {}

    /// Something that kernel programs watch.
    package struct Observation: Sendable {
        package var name: String
        /// Why it does not work; nil: it does.
        package var problem: String?

        package init(name: String, problem: String? = nil) {
            self.name = name
            self.problem = problem
        }
    }

    /// A sink behind its queue.
    package struct Output: Sendable {
        package var name: String
        package var status: OutputStatus

        /// What became of all events that it was offered, those of earlier runs as well.
        package var counts: OutputCounts {
            var counts = status.counts
            counts += status.earlier
            return counts
        }

        package init(name: String, status: OutputStatus) {
            self.name = name
            self.status = status
        }
    }

    /// Somebody who streams events.
    package struct Client: Sendable {
        package var caller: Caller
        package var sent: KindCounts
        package var dropped: KindCounts
        /// How many events wait.
        package var queued: Int

        package init(caller: Caller, sent: KindCounts, dropped: KindCounts, queued: Int) {
            self.caller = caller
            self.sent = sent
            self.dropped = dropped
            self.queued = queued
        }
    }

    /// What became of the events for clients.
    package struct Streamed: Sendable {
        package var sent = KindCounts()
        package var dropped = KindCounts()

        package init() {}

        static func += (total: inout Streamed, client: Client) {
            total.sent += client.sent
            total.dropped += client.dropped
        }
    }

    /// A ring between kernel and agent.
    package struct Ring: Sendable {
        package var name: String
        package var bytes: Int
        /// What waits in it.
        package var used: Int

        package init(name: String, bytes: Int, used: Int) {
            self.name = name
            self.bytes = bytes
            self.used = used
        }
    }

    /// A kernel program and its cost.
    package struct Program: Sendable {
        package var name: String
        package var runs: UInt64
        package var nanoseconds: UInt64

        package init(name: String, runs: UInt64, nanoseconds: UInt64) {
            self.name = name
            self.runs = runs
            self.nanoseconds = nanoseconds
        }
    }
}
