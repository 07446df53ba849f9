import BPF

/// Why the kernel side cannot be what it must be.
package enum ProbeError: Error, CustomStringConvertible {
    /// One of the hooks that the process table needs.
    case minimum(Observation, BPFError)
    /// What all programs share.
    case shared(BPFError)
    case setting(String)

    package var description: String {
        switch self {
        case .minimum(let observation, let error):
            """
            the \(observation.rawValue) hook does not work here, and without it no event can be told to a process:
              \(error)
            """
        case .shared(let error): "\(error)"
        case .setting(let text): text
        }
    }
}
