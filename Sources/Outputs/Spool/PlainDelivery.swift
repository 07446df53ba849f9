import Model

/// A sink that knows of no positions, behind a spool: each event is in it at least once.
package final class PlainDelivery: PositionedSink {
    private let sink: any Sink

    package init(_ sink: any Sink) { self.sink = sink }

    package func write(
        _ batches: [SpooledBatch],
        from position: SpoolPosition,
        isUrgent: () -> Bool
    ) -> PositionedResult {
        var position = position
        for spooled in batches {
            if position.frame != spooled.frame { position = SpoolPosition(frame: spooled.frame, events: 0) }
            let result = sink.write(spooled.batch.suffix(from: position.events), isUrgent: isUrgent)
            switch result {
            case .written: position = SpoolPosition(frame: spooled.frame + 1, events: 0)
            case .failed(let after, let failure):
                position.events += after
                return PositionedResult(position, .failed(failure))
            case .closed(let after):
                position.events += after
                return PositionedResult(position, .failed(SinkFailure("nobody reads any more")))
            case .abandoned(let after):
                position.events += after
                return PositionedResult(position, .abandoned)
            }
        }
        return PositionedResult(position)
    }

    package func reopen() throws(SinkFailure) { try sink.reopen() }

    package func finish(isUrgent: () -> Bool) { sink.finish(isUrgent: isUrgent) }
}
