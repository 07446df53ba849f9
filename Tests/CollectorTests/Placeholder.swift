// Tests of Collector.
