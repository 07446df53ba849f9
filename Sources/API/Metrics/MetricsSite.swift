import Collector
import Glibc
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// What listens for metrics, and the connections there are. All of it but `isClosed` belongs to the loop.
final class MetricsSite: @unchecked Sendable {
    /// Connections at once; one more is closed. A machine has one scraper, or two.
    static let limit = 32

    private let desk: StatusDesk
    private let loop: any EventLoop
    private let times: MetricsTimes
    private let logger: Logger
    private let closed = Atomic<Bool>(false)
    private var listeners: [ObjectIdentifier: any Channel] = [:]
    private var connections: [ObjectIdentifier: any Channel] = [:]

    init(_ desk: StatusDesk, _ loop: any EventLoop, _ times: MetricsTimes, _ logger: Logger) {
        self.desk = desk
        self.loop = loop
        self.times = times
        self.logger = logger
    }

    var isClosed: Bool { closed.load(ordering: .acquiring) }

    /// Takes connections of sockets that listen, which stay the caller's.
    func open(_ descriptors: [Int32]) {
        loop.execute { for descriptor in descriptors { self.listen(descriptor) } }
    }

    /// From any thread but the loop's; nothing is open any more when it returns, unless the loop is stuck.
    func close() {
        let done = Handover<Bool>()
        loop.execute {
            self.closed.store(true, ordering: .releasing)
            for channel in [any Channel](self.listeners.values) + self.connections.values {
                channel.close(promise: nil)
            }
            done.put(true)
        }
        _ = done.take(within: 2)
    }

    private func listen(_ descriptor: Int32) {
        guard !isClosed else { return }
        // NIO closes what it gets, also when it gives up on a socket; ours stays, to begin again.
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { return retry(descriptor, String(cString: strerror(errno))) }
        ServerBootstrap(group: loop)
            .serverChannelInitializer { AcceptPause.add(to: $0) }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { self.take($0) }
            .withBoundSocket(copy)
            .whenComplete { result in
                switch result {
                case .success(let channel): self.keep(channel, of: descriptor)
                case .failure(let error): self.retry(descriptor, "\(error)")
                }
            }
    }

    private func keep(_ channel: any Channel, of descriptor: Int32) {
        guard !isClosed else { return channel.close(promise: nil) }
        let key = ObjectIdentifier(channel)
        listeners[key] = channel
        channel.closeFuture.whenComplete { _ in
            self.listeners[key] = nil
            if !self.isClosed { self.retry(descriptor, "the socket was closed") }
        }
    }

    private func retry(_ descriptor: Int32, _ reason: String) {
        logger.warning("metrics: nothing listens for a second: \(reason)")
        loop.scheduleTask(in: .seconds(1)) { self.listen(descriptor) }
    }

    /// Never fails: whoever cannot be served is closed.
    private func take(_ channel: any Channel) -> EventLoopFuture<Void> {
        guard !isClosed, connections.count < Self.limit else {
            loop.execute { channel.close(promise: nil) }
            return loop.makeSucceededVoidFuture()
        }
        let key = ObjectIdentifier(channel)
        connections[key] = channel
        channel.closeFuture.whenComplete { _ in self.connections[key] = nil }
        do {
            try configure(channel.pipeline.syncOperations)
        } catch {
            loop.execute { channel.close(promise: nil) }
        }
        return loop.makeSucceededVoidFuture()
    }

    private func configure(_ pipeline: ChannelPipeline.SynchronousOperations) throws {
        let limits = ConnectionLimits(times)
        try pipeline.addHandler(limits)
        try pipeline.configureHTTPServerPipeline()
        try pipeline.addHandler(MetricsResponder(desk, limits))
    }
}
