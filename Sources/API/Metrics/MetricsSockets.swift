import Glibc

/// What metrics are told on: it listens, and nobody is answered yet. Needs no thread, and no rights later on.
package final class MetricsSockets {
    /// Listen; do not block.
    let descriptors: [Int32]
    /// The TCP port that was bound.
    package let address: LoopbackAddress?
    private var unix: UnixListener?
    private var isClosed = false

    /// - Parameters:
    ///   - path: of the unix socket; nil: none.
    ///   - wanted: the TCP port; nil: none.
    ///   - owner: whose the unix socket is; nil: this process' user's.
    ///   - group: whose members may ask there; nil: only the owner, and root.
    package init(
        path: String?,
        address wanted: LoopbackAddress? = nil,
        owner: UInt32? = nil,
        group: UInt32? = nil
    ) throws(MetricsFailure) {
        var descriptors: [Int32] = []
        var unix: UnixListener?
        if let path {
            let listener: UnixListener
            do { listener = try UnixListener(path: path, owner: owner, group: group) } catch { throw .socket(error) }
            descriptors.append(listener.descriptor)
            unix = consume listener
        }
        var address: LoopbackAddress?
        do throws(MetricsFailure) {
            if let wanted {
                let listener = try wanted.listen()
                descriptors.append(listener.descriptor)
                address = LoopbackAddress(host: wanted.host, port: listener.port)
            }
        } catch {
            for descriptor in descriptors { Glibc.close(descriptor) }
            throw error
        }
        self.descriptors = descriptors
        self.address = address
        self.unix = consume unix
    }

    deinit { close() }

    /// Nothing listens any more, and the unix socket is gone.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        for descriptor in descriptors { Glibc.close(descriptor) }
        unix = nil
    }
}
