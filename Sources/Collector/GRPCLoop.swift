import Glibc
import NIOCore
import NIOPosix

/// The event loop that gRPC runs on: one thread, made at the first question, for as long as the process lives.
///
/// NIO ends the process where it cannot have a thread or the loop's descriptors. So the thread is made here, where that is an
/// error, and descriptors are tried for before. A loop that is never shut down needs no further threads either.
package enum GRPCLoop {
    private static let shared = Handover<LoopExecutor>()

    /// The loop, for tasks.
    package static func get() throws(LoopFailure) -> LoopExecutor {
        if let loop = shared.peek() { return loop }
        try checkDescriptors()
        var thread = pthread_t()
        let error = pthread_create(
            &thread,
            nil,
            { _ in
                MultiThreadedEventLoopGroup.withCurrentThreadAsEventLoop { GRPCLoop.shared.put(LoopExecutor($0)) }
                return nil
            },
            nil
        )
        guard error == 0 else { throw LoopFailure(errno: error) }
        pthread_detach(thread)
        return shared.take()
    }

    /// The loop has an epoll, an eventfd and a timerfd; one to spare.
    private static func checkDescriptors() throws(LoopFailure) {
        var spare: [Int32] = []
        defer { for descriptor in spare { close(descriptor) } }
        for _ in 0..<4 {
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { throw LoopFailure(errno: errno) }
            spare.append(descriptor)
        }
    }
}

/// Why there is no loop.
package struct LoopFailure: Error, CustomStringConvertible {
    package let errno: Int32

    package var description: String { "no thread or descriptors for connections: \(String(cString: strerror(errno)))" }
}

/// A value that one thread waits for and another one puts there; it stays. The first one counts.
package final class Handover<Value: Sendable>: @unchecked Sendable {
    // The value is guarded by the mutex.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var value: Value?

    package init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    package func put(_ value: Value) {
        pthread_mutex_lock(mutex)
        self.value = self.value ?? value
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(mutex)
    }

    func peek() -> Value? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return value
    }

    /// Waits until it is there.
    package func take() -> Value {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let value { return value }
            pthread_cond_wait(changed, mutex)
        }
    }

    /// Waits until it is there, for at most `seconds`.
    package func take(within seconds: Double) -> Value? {
        var until = timespec()
        clock_gettime(CLOCK_REALTIME, &until)
        let nanoseconds = UInt64(until.tv_nsec) + UInt64(max(0, seconds) * 1e9)
        until.tv_sec += Int(nanoseconds / 1_000_000_000)
        until.tv_nsec = Int(nanoseconds % 1_000_000_000)
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while value == nil, pthread_cond_timedwait(changed, mutex, &until) == 0 {}
        return value
    }
}
