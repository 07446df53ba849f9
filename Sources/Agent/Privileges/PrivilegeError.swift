import BPF
import Glibc

/// Why a process could not give up what it must not have; then it does not run.
package struct PrivilegeError: Error, CustomStringConvertible {
    /// The step that failed.
    package enum Step: String, Sendable {
        case threads = "look for other threads"
        case capabilities = "keep what is needed"
        case memory = "have memory for maps"
        case folders = "make folders"
        case bound = "empty the bounding set"
        case user = "become the user"
        case keep = "give up capabilities"
        case seal = "set no_new_privs"
        case places = "write where the outputs are"
        case landlock = "restrict where files are written (Landlock)"
        case seccomp = "restrict system calls (seccomp)"
        case verify = "verify all threads"
    }

    package var step: Step
    package var reason: String
    package var remedy: String?

    init(_ step: Step, _ reason: String, remedy: String? = nil) {
        self.step = step
        self.reason = reason
        self.remedy = remedy
    }

    init(_ step: Step, errno: Int32, remedy: String? = nil) {
        self.init(step, "\(String(cString: strerror(errno))) (errno \(errno))", remedy: remedy)
    }

    package var description: String {
        let text =
            switch step {
            // Nothing was given up yet, or all was.
            case .capabilities, .memory, .folders, .places: reason
            default: "does not run with privileges that it cannot give up: cannot \(step.rawValue): \(reason)"
            }
        return text + (remedy.map { "; \($0)" } ?? "")
    }
}
