import Glibc

/// A mutex and a condition: what threads wait for, with deadlines that do not move with the wall clock.
final class Monitor: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Runs `body` alone.
    func locked<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    /// Wakes all that wait. While locked.
    func signal() { pthread_cond_broadcast(changed) }

    /// Waits for a signal, until a moment of the monotonic clock. While locked. False when the moment came first.
    @discardableResult
    func wait(until moment: UInt64 = .max) -> Bool {
        guard moment != .max else { return pthread_cond_wait(changed, mutex) == 0 }
        var time = timespec(tv_sec: Int(moment / 1_000_000_000), tv_nsec: Int(moment % 1_000_000_000))
        return pthread_cond_timedwait(changed, mutex, &time) == 0
    }

    /// Runs `body` on a thread of its own, which ends by itself. Nil, or why there is none.
    static func startThread(_ body: @escaping @Sendable () -> Void) -> String? {
        final class Box {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        let box = Unmanaged.passRetained(Box(body))
        var thread = pthread_t()
        let error = pthread_create(
            &thread,
            nil,
            { pointer in
                if let pointer { Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue().body() }
                return nil
            },
            box.toOpaque()
        )
        if error == 0 {
            pthread_detach(thread)
            return nil
        }
        box.release()
        return String(cString: strerror(error))
    }
}
