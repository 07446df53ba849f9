import BPF
import Collector
import Glibc
import Outputs
import Policies
import Probes

/// A process that has given up what its plan does not name, and the helpers that kept some of it.
package struct Confinement: Sendable {
    package let plan: PrivilegePlan
    let attacher: UprobeAttacher?
    let looker: ProcessLooker?
    let connector: EngineConnector?
    let launchers: [ProgramLauncher]
    let meter: ProgramMeter?
    /// The machine's own, looked up while that was possible.
    let namespaces: HostNamespaces
    /// The version of Landlock that holds; nil where the kernel has none.
    package let landlock: Int?

    /// Looks at every thread that there is now.
    ///
    /// - Throws: when one has kept something, or lacks something.
    package func verify() throws(PrivilegeError) { try Privileges.verify(plan) }
}
