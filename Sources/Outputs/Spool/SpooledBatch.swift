import Model

/// Which run of which agent events are of; with an event's CPU and sequence number it names the event for good.
package struct StreamOrigin: Sendable, Hashable {
    package var node: String
    /// The kernel's boot id, 16 bytes.
    package var boot: [UInt8]
    /// When the agent started, CLOCK_BOOTTIME in ns.
    package var start: UInt64
    /// Names the stream of this run's batches, 16 bytes: positions are of it. No two runs share one, so that nobody takes
    /// the batches of one for those of another, whatever became of the folder that they lie in.
    package let stream: [UInt8]

    package init(node: String, boot: [UInt8], start: UInt64, stream: [UInt8] = Self.newStream()) {
        self.node = node
        self.boot = boot
        self.start = start
        self.stream = stream
    }

    /// A name that nobody else has, or can guess.
    package static func newStream() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<16).map { _ in generator.next() }
    }

    /// The stream's name: 32 hexadecimal digits.
    package var streamName: String {
        let digits = Array("0123456789abcdef")
        return String(stream.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}

/// How far a stream came: all frames before `frame`, and the first `events` of that one.
package struct SpoolPosition: Sendable, Hashable, Comparable {
    package var frame: UInt64
    package var events: Int

    package init(frame: UInt64, events: Int) {
        self.frame = frame
        self.events = events
    }

    package static func < (a: SpoolPosition, b: SpoolPosition) -> Bool { (a.frame, a.events) < (b.frame, b.events) }
}

/// A batch at its place in a stream.
package struct SpooledBatch: Sendable {
    package let frame: UInt64
    package let origin: StreamOrigin
    package let batch: EventBatch

    package init(frame: UInt64, origin: StreamOrigin, batch: EventBatch) {
        self.frame = frame
        self.origin = origin
        self.batch = batch
    }
}

/// A sink that notes how far it came together with what it writes, so that each event is in it once.
package protocol PositionedSink: AnyObject, Sendable {
    /// Writes the events of batches that follow each other, from `position` on, as far as it comes.
    ///
    /// `isUrgent` is asked while waiting: true means give up.
    func write(_ batches: [SpooledBatch], from position: SpoolPosition, isUrgent: () -> Bool) -> PositionedResult
    /// Opens its file again, for whoever moved it away.
    func reopen() throws(SinkFailure)
    /// Nothing more will come, until `isUrgent` says true.
    func finish(isUrgent: () -> Bool)
}

extension PositionedSink {
    package func reopen() {}
}

/// How far a positioned sink is complete, and why it is no further.
package struct PositionedResult: Sendable {
    /// Complete up to here; past the batches that were given when it knew them already.
    package var position: SpoolPosition
    package var problem: Problem?

    package enum Problem: Sendable, Equatable {
        /// Another time it may go.
        case failed(SinkFailure)
        /// The event at `position` is refused, and would be again.
        case refused(SinkFailure)
        /// There was no time left.
        case abandoned
    }

    package init(_ position: SpoolPosition, _ problem: Problem? = nil) {
        self.position = position
        self.problem = problem
    }
}
