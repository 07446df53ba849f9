import BPF
import Collector
import Outputs
import Probes

/// Why the agent cannot run.
package enum AgentError: Error, CustomStringConvertible {
    case probes(ProbeError)
    case kernel(BPFError)
    case recording(RecordingError)
    case output(SinkFailure)
    case privileges(PrivilegeError)
    case input(InputFaults)

    package var description: String {
        switch self {
        case .probes(let error): "\(error)"
        case .kernel(let error): "\(error)"
        case .recording(let error): "\(error)"
        case .output(let error): "\(error)"
        case .privileges(let error): "\(error)"
        case .input(let error): "\(error)"
        }
    }
}
