import Glibc

extension RingBuffer {
    /// Sleeps until there is a record, or until the time is over; false when it is, or when a signal came.
    ///
    /// - Parameter milliseconds: at most this long; nil for as long as it takes.
    public func wait(milliseconds: Int32? = nil) -> Bool {
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&watched, 1, milliseconds ?? -1) > 0
    }

    /// Calls `body` with the bytes of each record that is there, and gives their room back.
    ///
    /// - Returns: how many there were.
    @discardableResult
    public mutating func drain<Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) -> Int {
        var count = 0
        while let record = next() {
            // Given back one by one, so that a slow reader makes room as it goes; a throw leaves its record behind.
            try body(record)
            release()
            count += 1
        }
        return count
    }

    /// Calls `body` with each record that is there, as a value of type `Record`, and gives their room back.
    ///
    /// `Record` has the layout of the C structure that the program sends; a longer record's further bytes are not seen.
    ///
    /// - Precondition: no record is shorter than `Record`.
    /// - Returns: how many there were.
    @discardableResult
    public mutating func drain<Record: BitwiseCopyable, Failure: Error>(
        as _: Record.Type,
        _ body: (Record) throws(Failure) -> Void
    ) throws(Failure) -> Int {
        try drain { bytes throws(Failure) in
            precondition(
                bytes.count >= MemoryLayout<Record>.size,
                "a record has \(bytes.count) bytes, \(Record.self) needs \(MemoryLayout<Record>.size)"
            )
            try body(bytes.loadUnaligned(as: Record.self))
        }
    }
}
