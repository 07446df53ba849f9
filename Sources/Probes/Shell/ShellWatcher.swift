import BPF
import Glibc
import Logging
import Model

/// Takes note of each program that begins, and has a thread of its own look whether lines are typed into it.
package final class ShellWatcher: @unchecked Sendable {
    /// A binary as exec records name it. With its path, since a number is used again when its file has gone.
    private struct Binary: Hashable {
        let device: UInt32
        let inode: UInt64
        let path: Int
    }

    private struct Look {
        let start: ShellFinder.Start
        var due: UInt64
        var attempt = 0
    }

    // The reader's alone.
    private var binaries: Set<Binary> = []
    private var mounts: Set<UInt32> = []

    // The thread's alone, once it runs.
    private let finder: ShellFinder
    private let probe: ShellProbe
    private let logger: Logger

    // Guarded by the mutex.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var looks: [Look] = []
    private var stopping = false
    private var ended = false
    private var dropped = false

    private static let binaryLimit = 1 << 16
    private static let queueLimit = 4096
    /// When a program's libraries are looked for, ns after its start: the dynamic linker needs a moment.
    private static let delays: [UInt64] = [20_000_000, 200_000_000, 1_000_000_000]

    /// Why shells that were there already are not watched; nil when they are, or there were none.
    let refusal: BPFError?

    /// Attaches to what is there already, then starts the thread.
    init(_ probe: ShellProbe, looker: ProcessLooker? = nil, logger: Logger) {
        self.probe = probe
        self.logger = logger
        finder = ShellFinder(probe, looker: looker, logger: logger)
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
        finder.lookAround()
        refusal = probe.count == 0 ? probe.refused : nil
        var thread = pthread_t()
        let me = Unmanaged.passRetained(self)
        let error = pthread_create(
            &thread,
            nil,
            { pointer in
                if let pointer { Unmanaged<ShellWatcher>.fromOpaque(pointer).takeRetainedValue().run() }
                return nil
            },
            me.toOpaque()
        )
        if error == 0 {
            pthread_detach(thread)
        } else {
            me.release()
            ended = true
            logger.error("shells: no thread to look for new ones: \(String(cString: strerror(error)))")
        }
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    /// Takes note of the execs in a batch, before a filter takes them out. Waits for nothing; allocates for binaries and
    /// mount namespaces that are new.
    package func note(_ batch: EventBatch) {
        for event in batch.events where event.kind == .exec {
            let record = batch.record(event)
            let process = record.process.pointee
            guard let path = record.string(process.binary.text) else { continue }
            var hasher = Hasher()
            hasher.combine(bytes: path)
            let binary = Binary(
                device: process.binary.device,
                inode: process.binary.inode,
                path: hasher.finalize()
            )
            let isMountNew = mounts.insert(process.namespaces.mnt).inserted
            guard binaries.insert(binary).inserted || isMountNew else { continue }
            let start = ShellFinder.Start(
                tgid: process.header.tgid,
                inode: process.binary.inode,
                path: String(decoding: path, as: UTF8.self),
                isMountNew: isMountNew
            )
            if !offer(start) { binaries.remove(binary) }
            if binaries.count > Self.binaryLimit { binaries = [] }
            if mounts.count > Self.binaryLimit { mounts = [] }
        }
    }

    private func offer(_ start: ShellFinder.Start) -> Bool {
        locked {
            guard looks.count < Self.queueLimit else {
                dropped = true
                return false
            }
            looks.append(Look(start: start, due: 0))
            pthread_cond_signal(changed)
            return true
        }
    }

    /// Ends the thread, and takes the program off all files.
    func stop() {
        let isDone = locked {
            stopping = true
            pthread_cond_broadcast(changed)
            var until = timespec()
            clock_gettime(CLOCK_MONOTONIC, &until)
            until.tv_sec += 2
            while !ended, pthread_cond_timedwait(changed, mutex, &until) == 0 {}
            return ended
        }
        // A file system that does not answer holds the thread; its hooks then leave with the process.
        if isDone { probe.detach() }
    }

    private func run() {
        while var look = next() {
            if finder.look(at: look.start), look.attempt < Self.delays.count {
                look.due = Self.now() + Self.delays[look.attempt]
                look.attempt += 1
                locked { looks.append(look) }
            }
        }
        locked {
            ended = true
            pthread_cond_broadcast(changed)
        }
    }

    /// The next one that is due; nil at the end.
    private func next() -> Look? {
        locked { () -> Look? in
            while !stopping {
                if dropped {
                    dropped = false
                    logger.warning("shells: programs begin faster than they can be looked at; some were left out")
                }
                let now = Self.now()
                if let index = looks.firstIndex(where: { $0.due <= now }) { return looks.remove(at: index) }
                guard let due = looks.map(\.due).min() else {
                    pthread_cond_wait(changed, mutex)
                    continue
                }
                var until = timespec(tv_sec: Int(due / 1_000_000_000), tv_nsec: Int(due % 1_000_000_000))
                pthread_cond_timedwait(changed, mutex, &until)
            }
            return nil
        }
    }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
