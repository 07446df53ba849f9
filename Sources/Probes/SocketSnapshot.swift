import BPF

/// The connections and listeners that there are already, told by iterator programs: one record each.
package struct SocketSnapshot: ~Copyable {
    private let object: BPFLoaded<TcpSnapshotSkeleton>

    init(_ object: consuming BPFObject<TcpSnapshotSkeleton>) throws(BPFError) { self.object = try object.load() }

    /// Calls `body` with each record: first those that a process holds, in whatever network namespace, then the rest.
    package func read(_ body: (UnsafeRawBufferPointer) -> Void) throws(BPFError) {
        try object.program(.tcp_held).attach().iterate().readRecords(body)
        try object.program(.tcp_orphans).attach().iterate().readRecords(body)
    }
}
