import CLibBPF
import Glibc

/// A process of its own that keeps CAP_SYS_ADMIN, and nothing else, to make perf events on functions.
///
/// For kernels before 6.6. It ends with this object, or with the process that holds it.
public final class UprobeAttacher: @unchecked Sendable {
    private let socket: Int32
    // One question at a time: answers carry no number.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    /// Forks the process: best before there is a second thread, and while there still is CAP_SYS_ADMIN.
    public init() throws(BPFError) {
        socket = clibbpf_attacher_start()
        pthread_mutex_init(mutex, nil)
        guard socket >= 0 else {
            throw BPFError(step: .attach, subject: "uprobes by a process with CAP_SYS_ADMIN", errno: -socket)
        }
    }

    deinit {
        if socket >= 0 { close(socket) }
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// A perf event's descriptor, or minus an error number.
    func event(onReturnAt offset: UInt64, of file: Int32) -> Int32 {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return clibbpf_attacher_event(socket, file, offset)
    }
}
