import Glibc
import Model

/// Asks container engines for the names of containers, on a thread of its own: whatever they do, events do not wait.
///
/// Another kind of engine is one more `EngineSocket.Engine` with its `inspect`.
package final class ContainerNames: @unchecked Sendable {
    /// What became of the questions.
    package struct Counts: Sendable {
        package var answered: UInt64 = 0
        /// The engine knows no such container.
        package var unknown: UInt64 = 0
        /// No engine gave a good answer in time.
        package var failed: UInt64 = 0
        /// There were too many questions.
        package var dropped: UInt64 = 0
    }

    private struct Question {
        let container: Container
        let id: String
        let asked: UInt64
        var due: UInt64
        /// How often an engine knew nothing of it that may know it later.
        var looks = 0
    }

    private let sockets: EngineSockets
    private let log: @Sendable (String) -> Void
    /// As many questions, and as many answers, may wait.
    private static let capacity = 1024
    /// As many questions of one user's own engine may wait.
    private static let userCapacity = 64
    /// How long a question is asked again, ns.
    private let persistence: UInt64

    // All below is guarded by the mutex.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var questions: [Question] = []
    private var answers: [(answer: EngineAnswer, socket: EngineSocket, user: UInt32)] = []
    private var state = Counts()
    private var closing = false
    private var wake: (reading: Int32, writing: Int32) = (-1, -1)

    // The thread's own.
    /// A socket that failed.
    private struct Pause {
        /// When it is tried again, and how long that was put off.
        let until: UInt64
        let length: UInt64
        /// Whether nobody was there.
        let isAbsent: Bool
    }

    private var pauses: [EngineSocket: Pause] = [:]
    private var complained: Set<EngineSocket> = []

    /// Starts the thread.
    ///
    /// - Parameter persistence: seconds for which a question that nobody answers is asked again.
    package init(
        _ sockets: EngineSockets = EngineSockets(),
        persistence: Double = 120,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.sockets = sockets
        self.log = log
        self.persistence = UInt64(persistence * 1e9)
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
        var ends: [Int32] = [-1, -1]
        if pipe(&ends) == 0 {
            for end in ends {
                _ = fcntl(end, F_SETFL, O_NONBLOCK)
                _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            }
            wake = (ends[0], ends[1])
        }
        start()
    }

    private func start() {
        var thread = pthread_t()
        let me = Unmanaged.passRetained(self)
        let error = pthread_create(
            &thread,
            nil,
            { pointer in
                if let pointer { Unmanaged<ContainerNames>.fromOpaque(pointer).takeRetainedValue().run() }
                return nil
            },
            me.toOpaque()
        )
        guard error != 0 else {
            pthread_detach(thread)
            return
        }
        me.release()
        closing = true
        log("containers stay without names: no thread to ask for them: \(String(cString: strerror(error)))")
    }

    deinit {
        Glibc.close(wake.reading)
        Glibc.close(wake.writing)
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

    /// Readable when answers wait.
    package var descriptor: Int32 { wake.reading }

    package var counts: Counts { locked { state } }

    /// Asks about containers; never waits.
    package func ask(_ containers: [Container]) {
        let now = EngineSocket.now()
        locked {
            for container in containers where container.hasEngineID && !sockets.of(container).isEmpty {
                guard questions.count < Self.capacity, hasRoom(for: container.user), !closing else {
                    state.dropped += 1
                    continue
                }
                let id = String(decoding: container.id.buffer, as: UTF8.self)
                questions.append(Question(container: container, id: id, asked: now, due: now))
            }
            pthread_cond_signal(changed)
        }
    }

    /// Users make as many control groups below their own as they like: none may use up what waits for all.
    private func hasRoom(for user: UInt32) -> Bool {
        user == 0 || questions.count { $0.container.user == user } < Self.userCapacity
    }

    /// The records of the answers that have come; never waits.
    package func takeAnswers(at time: UInt64) -> [[UInt8]] {
        let answers = locked {
            guard !self.answers.isEmpty else { return self.answers }
            // Under the lock, as they were written: a byte that comes later tells of an answer that is still there.
            var nothing: UInt64 = 0
            while read(wake.reading, &nothing, 8) > 0 {}
            defer { self.answers.removeAll() }
            return self.answers
        }
        return answers.map { SystemRecord.container(time: time, $0.answer, engine: $0.socket.engine, user: $0.user) }
    }

    /// Has the thread end after the question that it is at.
    package func close() {
        locked {
            closing = true
            pthread_cond_signal(changed)
        }
    }

    private func run() {
        while let question = next() { attend(question) }
    }

    /// Waits for a question that is due; nil at the end.
    private func next() -> Question? {
        locked {
            while !closing {
                let now = EngineSocket.now()
                let earliest = questions.indices.min { questions[$0].due < questions[$1].due }
                guard let earliest else {
                    pthread_cond_wait(changed, mutex)
                    continue
                }
                let due = questions[earliest].due
                if due <= now { return questions.remove(at: earliest) }
                var until = timespec(tv_sec: Int(due / 1_000_000_000), tv_nsec: Int(due % 1_000_000_000))
                pthread_cond_timedwait(changed, mutex, &until)
            }
            return nil
        }
    }

    private func attend(_ question: Question) {
        var waiting: [Pause] = []
        var isUnknown = false
        var mayBeKnownLater = false
        for socket in sockets.of(question.container) {
            if let pause = pauses[socket], pause.until > EngineSocket.now() {
                waiting.append(pause)
                continue
            }
            do throws(EngineFailure) {
                let answer = try socket.inspect(question.id)
                pauses[socket] = nil
                guard let answer else {
                    isUnknown = true
                    if socket.engine.knowsLate { mayBeKnownLater = true }
                    continue
                }
                return deliver(answer, socket, question)
            } catch {
                waiting.append(pause(socket, error))
            }
        }
        // Where an engine was asked, those that are not there are not waited for.
        if isUnknown { waiting.removeAll(where: \.isAbsent) }
        var later = question
        if waiting.isEmpty, mayBeKnownLater, question.looks < Self.delays.count {
            later.looks += 1
            later.due = EngineSocket.now() + Self.delays[question.looks]
        } else {
            later.due = waiting.map(\.until).min() ?? .max
        }
        locked {
            if later.due == .max {
                state.unknown += 1
            } else if later.due > question.asked + persistence || questions.count >= Self.capacity {
                if waiting.isEmpty { state.unknown += 1 } else { state.failed += 1 }
            } else {
                questions.append(later)
            }
        }
    }

    /// When an engine that knows nothing of a container is asked again, ns.
    private static let delays: [UInt64] = [250_000_000, 1_000_000_000, 4_000_000_000]

    /// Leaves a socket that fails alone for a while, longer each time.
    private func pause(_ socket: EngineSocket, _ failure: EngineFailure) -> Pause {
        if failure != .absent, complained.insert(socket).inserted {
            log("\(socket.engine.name) at \(socket.path): \(failure); containers may stay without names")
        }
        let length = min(2 * (pauses[socket]?.length ?? Self.firstPause / 2), 30_000_000_000)
        let pause = Pause(until: EngineSocket.now() + length, length: length, isAbsent: failure == .absent)
        pauses[socket] = pause
        // Users come and go, and each may have sockets.
        if pauses.count > Self.capacity { pauses = [socket: pause] }
        if complained.count > Self.capacity { complained = [socket] }
        return pause
    }

    private static let firstPause: UInt64 = 500_000_000

    private func deliver(_ answer: EngineAnswer, _ socket: EngineSocket, _ question: Question) {
        locked {
            guard answers.count < Self.capacity else {
                state.dropped += 1
                return
            }
            answers.append((answer, socket, question.container.user))
            state.answered += 1
            // Under the lock, so that whoever takes the answer finds the byte that told of it.
            var one: UInt8 = 1
            _ = write(wake.writing, &one, 1)
        }
    }
}
