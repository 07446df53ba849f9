import Model

/// Where batches end: writes them somewhere, synchronously, on a thread of its own.
package protocol Sink: AnyObject, Sendable {
    /// Writes a batch and says how far it came. `isUrgent` is asked while waiting: true means give up.
    func write(_ batch: EventBatch, isUrgent: () -> Bool) -> SinkResult
    /// Opens its file again, for whoever moved it away.
    func reopen() throws(SinkFailure)
    /// Nothing more will come: puts its file in order, until `isUrgent` says true.
    func finish(isUrgent: () -> Bool)
    /// Whether `tick` is to be called each second also when there is nothing to write.
    var wantsTicks: Bool { get }
    /// Called between two batches.
    func tick()
}

extension Sink {
    package func finish(isUrgent: () -> Bool) {}
    package var wantsTicks: Bool { false }
    package func tick() {}
}

/// How a batch fared.
package enum SinkResult: Equatable, Sendable {
    case written
    /// The first so many events are out whole; the rest is lost, for this reason.
    case failed(after: Int, SinkFailure)
    /// Nobody reads any more.
    case closed(after: Int)
    /// There was no time left.
    case abandoned(after: Int)
}

/// Why a sink could not write.
package struct SinkFailure: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
