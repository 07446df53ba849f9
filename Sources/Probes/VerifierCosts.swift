import BPF

/// How much work each kernel program is for the verifier of the running kernel.
package enum VerifierCosts {
    /// Loads every program with all its options on, attaches none, and returns how many instructions were looked at.
    ///
    /// A program that this kernel cannot have (the sleepable snapshot, before 5.18) is left out.
    package static func measure() throws(BPFError) -> [(program: String, instructions: Int)] {
        var list: [(program: String, instructions: Int)] = []
        let tell = { (program: String, instructions: Int) in list.append((program, instructions)) }
        _ = try BPFObject(CoreSkeleton.self).load(telling: tell)
        _ = try BPFObject(ForkSkeleton.self).load(telling: tell)
        _ = try BPFObject(ExitSkeleton.self).load(telling: tell)
        let exec = try BPFObject(ExecSkeleton.self)
        try exec.readOnlyData.env_wanted = true
        _ = try exec.load(telling: tell)
        _ = try BPFObject(ExecFailedSkeleton.self).load(telling: tell)
        _ = try BPFObject(OpenSkeleton.self).load(telling: tell)
        _ = try BPFObject(TcpSkeleton.self).load(telling: tell)
        _ = try BPFObject(TcpCallsSkeleton.self).load(telling: tell)
        _ = try BPFObject(BreakoutSkeleton.self).load(telling: tell)
        _ = try BPFObject(BreakoutExecSkeleton.self).load(telling: tell)
        _ = try BPFObject(TcpDropSkeleton.self).load(telling: tell)
        _ = try BPFObject(TcpSnapshotSkeleton.self).load(telling: tell)
        _ = try BPFObject(ShellSkeleton.self).load(telling: tell)
        for wanted in SnapshotSkeleton.Program.allCases {
            let snapshot = try BPFObject(SnapshotSkeleton.self)
            for program in SnapshotSkeleton.Program.allCases { snapshot.setLoads(program, program == wanted) }
            do { _ = try snapshot.load(telling: tell) } catch  where wanted == .snapshot_sleepable {}
        }
        return list
    }

    /// The same of one hook's program, and of the one at its return if that is waited for.
    package static func measure(
        _ point: HookPoint,
        _ shape: HookShape,
        _ maps: HookMaps
    ) throws(BPFError) -> [(program: String, instructions: Int)] {
        var list: [(program: String, instructions: Int)] = []
        _ = try HookProgram.object(point, shape, maps).load { list.append(($0, $1)) }
        return list
    }
}
