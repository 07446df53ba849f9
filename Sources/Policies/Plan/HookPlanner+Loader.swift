import CWire
import Filters

extension HookPlanner {
    /// The function that every mapping of a file goes by.
    mutating func loaderTarget(_ hook: LoaderHook) -> HookTarget? {
        functionTargets(hook.asFunction).first.map { HookTarget(points: $0.points, kind: .loader, source: $0.source) }
    }

    /// Its file, where it is to be executed: `security_mmap_file(file, prot, flags)`, on all kernels.
    mutating func loaderRows() -> [HookRequest.Row] {
        // PROT_EXEC of mmap(2).
        let executable: UInt64 = 4
        readings = [
            Reading(.argument(0), read: MT_READ_FILE, value: MT_VALUE_FILE),
            Reading(.argument(1), read: MT_READ_NUMBER, value: MT_VALUE_SIZE),
        ]
        shown = [HookRequest.Shown(reading: 0)]
        let conditions = [
            Condition(.value(1, .whole), .bits(executable)),
            // Memory of no file has no path.
            Condition(.value(0, .whole), .prefixes([Array("/".utf8)])),
        ]
        return [HookRequest.Row(conditions: [workloads].compactMap { $0 } + conditions)]
    }
}
