import Collector
import Model

/// Keeps the raw records of each batch for a later replay.
package final class RecordingSink: Sink, @unchecked Sendable {
    private let writer: RecordingWriter

    package init(_ writer: consuming RecordingWriter) { self.writer = writer }

    package func write(_ batch: EventBatch, isUrgent: () -> Bool) -> SinkResult {
        do {
            try writer.write(batch)
            return .written
        } catch {
            return .failed(after: 0, SinkFailure("\(error)"))
        }
    }

    package func reopen() {}
}
