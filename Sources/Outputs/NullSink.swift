import Model

/// Takes events and keeps none: for a daemon whose events only clients want.
package final class NullSink: Sink {
    package init() {}

    package func write(_ batch: EventBatch, isUrgent: () -> Bool) -> SinkResult { .written }

    package func reopen() {}
}
