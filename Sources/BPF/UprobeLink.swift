import CLibBPF
import Glibc

/// A program that runs when a function of a file returns, in whatever process: detaches when it goes.
public struct BPFUprobeLink: ~Copyable {
    /// A link's or a perf event's.
    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Attaches by a link of the kernel's own: CAP_BPF and CAP_PERFMON suffice. Since Linux 6.6.
    ///
    /// - Parameters:
    ///   - program: was loaded after ``BPFObject/setAttachesToManyUprobes(_:)``.
    ///   - offset: the function's place in the file.
    ///   - file: any descriptor of it, also one of O_PATH.
    public static func multi(
        _ program: BPFProgram,
        onReturnAt offset: UInt64,
        of file: Int32
    ) throws(BPFError) -> BPFUprobeLink {
        // The file itself, in whatever mount namespace it is, and whoever has taken its name since.
        let path = "/proc/self/fd/\(file)"
        let descriptor = withUnsafePointer(to: offset) {
            clibbpf_link_uprobes(program.descriptor, path, $0, nil, nil, 1, 0, true)
        }
        guard descriptor >= 0 else {
            throw BPFError(step: .attach, subject: "program \(program.name)", errno: -descriptor)
        }
        return BPFUprobeLink(descriptor: descriptor)
    }

    /// Attaches by a perf event, which the attacher makes: on any kernel.
    public static func event(
        _ program: BPFProgram,
        onReturnAt offset: UInt64,
        of file: Int32,
        by attacher: UprobeAttacher
    ) throws(BPFError) -> BPFUprobeLink {
        let event = attacher.event(onReturnAt: offset, of: file)
        guard event >= 0 else { throw BPFError(step: .attach, subject: "program \(program.name)", errno: -event) }
        let link = BPFUprobeLink(descriptor: event)
        let error = clibbpf_event_attach(event, program.descriptor)
        guard error == 0 else { throw BPFError(step: .attach, subject: "program \(program.name)", errno: -error) }
        return link
    }
}
