import BPF
import Collector
import Glibc
import Logging
import Outputs
import Probes

/// The processes that keep what the agent gives up; started while there still is something to keep.
///
/// A run does without one that does not start, and says so.
struct Helpers {
    private(set) var attacher: UprobeAttacher?
    private(set) var looker: ProcessLooker?
    private(set) var connector: EngineConnector?
    /// One for each database.
    private(set) var launchers: [ProgramLauncher] = []

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
        for _ in 0..<plan.databases {
            do throws(LaunchFailure) {
                launchers.append(try Self.launcher(uid: user.uid, gid: user.gid))
            } catch {
                logger.error("no process to start \(error.path): \(String(cString: strerror(error.errno)))")
            }
        }
    }

    /// What starts martlet-postgres, and nothing else.
    static func launcher(uid: UInt32, gid: UInt32) throws(LaunchFailure) -> ProgramLauncher {
        try ProgramLauncher(ProgramLauncher.find("martlet-postgres"), uid: uid, gid: gid)
    }

    /// Those that a run needs which gives up nothing.
    static func launchers(_ options: RunOptions) throws(SinkFailure) -> [ProgramLauncher] {
        var launchers: [ProgramLauncher] = []
        for output in options.outputs where output.isDatabase {
            do throws(LaunchFailure) {
                launchers.append(try launcher(uid: geteuid(), gid: getegid()))
            } catch {
                throw SinkFailure("\(output.name): \(error.path): \(String(cString: strerror(error.errno)))")
            }
        }
        return launchers
    }
}
