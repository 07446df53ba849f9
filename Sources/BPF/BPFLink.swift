import CLibBPF
import Glibc

/// An attached program: detaches when it goes.
public struct BPFLink: ~Copyable {
    private enum Holder {
        /// A link of libbpf's.
        case handle(OpaquePointer)
        /// A link that libbpf knows nothing of: its own descriptor.
        case descriptor(Int32)
    }

    private let holder: Holder

    init(handle: OpaquePointer) { holder = .handle(handle) }

    init(descriptor: Int32) { holder = .descriptor(descriptor) }

    deinit {
        switch holder {
        case .handle(let handle): bpf_link__destroy(handle)
        case .descriptor(let descriptor): close(descriptor)
        }
    }

    /// Hands libbpf's link over to the caller; only for links that libbpf made.
    consuming func release() -> OpaquePointer {
        guard case .handle(let handle) = holder else { preconditionFailure("not a link of libbpf's") }
        discard self
        return handle
    }

    /// The link's file descriptor, which this value owns.
    public var descriptor: Int32 {
        switch holder {
        case .handle(let handle): bpf_link__fd(handle)
        case .descriptor(let descriptor): descriptor
        }
    }

    /// Opens an iterator link for one pass over what it iterates.
    public func iterate() throws(BPFError) -> BPFIterator {
        let iterator = bpf_iter_create(descriptor)
        guard iterator >= 0 else { throw BPFError(step: .iterator, subject: "link", errno: -iterator) }
        return BPFIterator(descriptor: iterator)
    }
}
