import Formats
import Glibc
import Model

/// Writes events to a descriptor that is open already: standard output.
package final class StreamSink: Sink, @unchecked Sendable {
    private let descriptor: Int32
    private let mayBlock: Bool
    private var writer: EventWriter

    package init(descriptor: Int32, writer: consuming EventWriter) {
        self.descriptor = descriptor
        self.writer = writer
        mayBlock = DescriptorWriter.mayBlock(descriptor)
    }

    package func write(_ batch: EventBatch, isUrgent: () -> Bool) -> SinkResult {
        writer.write(batch) { bytes in
            switch DescriptorWriter.write(bytes, to: descriptor, mayBlock: mayBlock, isUrgent: isUrgent) {
            case .all: .written
            case .abandoned(let count): .abandoned(after: DescriptorWriter.lines(bytes, within: count))
            case .failed(let count, EPIPE): .closed(after: DescriptorWriter.lines(bytes, within: count))
            case .failed(let count, let error):
                .failed(
                    after: DescriptorWriter.lines(bytes, within: count),
                    SinkFailure("standard output: \(String(cString: strerror(error)))")
                )
            }
        }
    }

    package func reopen() {}
}
