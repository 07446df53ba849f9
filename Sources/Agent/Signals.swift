import CLinux
import Glibc

/// The signals that steer the agent, as a descriptor to wait for: handled between batches, never in the middle of one.
struct Signals: ~Copyable {
    let descriptor: Int32

    /// Blocks them in this thread and all that it starts: call it first.
    init() {
        let wanted = [SIGINT, SIGTERM, SIGHUP, SIGUSR1]
        descriptor = clinux_signalfd(wanted, Int32(wanted.count))
        // A reader that goes away is an error number of write, not a reason to die.
        signal(SIGPIPE, SIG_IGN)
    }

    deinit { close(descriptor) }

    /// The next one that has arrived.
    func next() -> Int32? {
        let signal = clinux_next_signal(descriptor)
        return signal == 0 ? nil : signal
    }
}
