import BPF

/// The read-only variables that every object with `lib/record.h` in it has.
protocol SharedSettings {
    var own_tgid: UInt32 { get nonmutating set }
    var pool_mask: UInt32 { get nonmutating set }
    var preemptible: Bool { get nonmutating set }
}

extension ForkSkeleton.ReadOnlyData: SharedSettings {}
extension ExecSkeleton.ReadOnlyData: SharedSettings {}
extension ExecFailedSkeleton.ReadOnlyData: SharedSettings {}
extension ExitSkeleton.ReadOnlyData: SharedSettings {}
extension TcpSkeleton.ReadOnlyData: SharedSettings {}
extension TcpDropSkeleton.ReadOnlyData: SharedSettings {}
extension BreakoutSkeleton.ReadOnlyData: SharedSettings {}
extension BreakoutExecSkeleton.ReadOnlyData: SharedSettings {}
extension TcpCallsSkeleton.ReadOnlyData: SharedSettings {}
extension TcpSnapshotSkeleton.ReadOnlyData: SharedSettings {}
extension ShellSkeleton.ReadOnlyData: SharedSettings {}
extension OpenSkeleton.ReadOnlyData: SharedSettings {}
