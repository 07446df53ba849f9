import BPF
import Collector
import Glibc
import Logging
import Probes

/// The processes that keep what the agent gives up; started while there still is something to keep.
///
/// A run does without one that does not start, and says so.
struct Helpers {
    private(set) var attacher: UprobeAttacher?
    private(set) var looker: ProcessLooker?
    private(set) var connector: EngineConnector?

    init(_ plan: PrivilegePlan, _ engines: EngineSockets?, _ logger: Logger) {
        let user = (uid: plan.identity?.uid ?? geteuid(), gid: plan.identity?.gid ?? getegid())
        if plan.helpers.contains(.attacher) {
            do throws(BPFError) {
                attacher = try UprobeAttacher()
            } catch {
                logger.warning("typed lines are not seen: \(error)")
            }
        }
        if plan.helpers.contains(.looker) {
            looker = ProcessLooker(uid: user.uid, gid: user.gid)
            if looker == nil {
                logger.warning("shells: no process to look into others, so those of containers are not found")
            }
        }
        if plan.helpers.contains(.connector), let engines {
            connector = EngineConnector(engines, uid: user.uid, gid: user.gid)
            if connector == nil { logger.warning("container engines: no process to connect to their sockets") }
        }
    }
}
