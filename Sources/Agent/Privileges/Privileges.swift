import BPF
import CPrivileges
import Collector
import Glibc
import Logging
import Policies
import Probes

/// Gives up what a process need not have.
package enum Privileges {
    /// What this process may put into effect.
    package static var permitted: CapabilitySet {
        var bits: UInt64 = 0
        return cprivileges_permitted(&bits) == 0 ? CapabilitySet(bits: bits) : []
    }

    /// Has this process, which has one thread as yet, keep what a run of these options needs, and become its user.
    ///
    /// - Parameters:
    ///   - folders: folders to write in beside those of the outputs, such as that of a socket; made where they are missing.
    ///   - ports: TCP ports to listen on.
    package static func drop(
        for options: RunOptions,
        folders: [String] = [],
        ports: [UInt16] = [],
        logger: Logger
    ) throws(PrivilegeError) -> Confinement {
        let plan = PrivilegePlan(
            for: options,
            as: options.identity,
            on: KernelAbilities.current(),
            holding: permitted,
            folders: folders,
            ports: ports,
            notifySocket: getenv("NOTIFY_SOCKET").map { String(cString: $0) }
        )
        return try drop(to: plan, asking: options.engines, logger: logger)
    }

    /// Has this process, which has one thread as yet, do from now on what the plan says, and nothing else.
    ///
    /// - Throws: at the first step that fails. Some are done then, none can be taken back: the process should end.
    package static func drop(
        to plan: PrivilegePlan,
        asking engines: EngineSockets? = nil,
        logger: Logger
    ) throws(PrivilegeError) -> Confinement {
        try check(plan)
        try raiseMemory(plan)
        let helpers = Helpers(plan, engines, logger)
        // Behind the helpers, which would hold it open.
        let meter = plan.measuresPrograms ? ProgramMeter(logger) : nil
        let namespaces = HostNamespaces()
        try makeFolders(plan)
        try step(.bound, cprivileges_bound())
        try become(plan.identity)
        try step(.keep, cprivileges_keep(plan.capabilities.bits))
        try step(.seal, cprivileges_seal())
        let landlock = try WritablePlaces(plan).restrict()
        try filter(plan)
        try verify(plan)
        if landlock == nil { logger.info("this kernel has no Landlock: permissions alone say where files are written") }
        logger.info(
            """
            runs as user \(geteuid()) with \(plan.capabilities), no_new_privs, seccomp\
            \(landlock.map { ", Landlock \($0)" } ?? "")
            """
        )
        return Confinement(
            plan: plan,
            attacher: helpers.attacher,
            looker: helpers.looker,
            connector: helpers.connector,
            launchers: helpers.launchers,
            meter: meter,
            namespaces: namespaces,
            landlock: landlock
        )
    }

    private static func step(_ step: PrivilegeError.Step, _ result: Int32, remedy: String? = nil) throws(PrivilegeError)
    {
        if result < 0 { throw PrivilegeError(step, errno: -result, remedy: remedy) }
    }

    /// What cannot be put right later.
    private static func check(_ plan: PrivilegePlan) throws(PrivilegeError) {
        let count = cprivileges_thread_count()
        try step(.threads, count)
        guard count == 1 else {
            throw PrivilegeError(.threads, "there are \(count), and each would keep what it has")
        }
        let missing = plan.capabilities.subtracting(permitted)
        guard missing.isEmpty else {
            throw PrivilegeError(
                .capabilities,
                "this process lacks \(missing)",
                remedy: "run as root, or with CAP_BPF and CAP_PERFMON"
            )
        }
    }

    private static func raiseMemory(_ plan: PrivilegePlan) throws(PrivilegeError) {
        let limit = cprivileges_raise_memlock()
        guard limit < plan.lockedMemory else { return }
        throw PrivilegeError(
            .memory,
            "RLIMIT_MEMLOCK ends at \(limit >> 10) KiB, and maps count against it before Linux 5.11: they take up to \(plan.lockedMemory >> 20) MiB",
            remedy: "LimitMEMLOCK=infinity in the unit, ulimit -l unlimited, CAP_SYS_RESOURCE, or a smaller ring-size"
        )
    }

    /// As long as there is somebody who may give them away.
    private static func makeFolders(_ plan: PrivilegePlan) throws(PrivilegeError) {
        for (folder, mode) in plan.ownFolders where mkdir(folder, mode) == 0 {
            chmod(folder, mode)
            guard let identity = plan.identity, identity.uid != geteuid() else { continue }
            guard chown(folder, identity.uid, identity.gid) == 0 else {
                throw PrivilegeError(.folders, "\(folder): \(String(cString: strerror(errno)))")
            }
        }
    }

    private static func become(_ identity: UserIdentity?) throws(PrivilegeError) {
        guard let identity, identity.uid != geteuid() || identity.gid != getegid() || getuid() != geteuid() else {
            return
        }
        try step(
            .user,
            cprivileges_become(identity.uid, identity.gid, identity.groups, identity.groups.count),
            remedy: "start as root, or as user \(identity.name) with CAP_BPF and CAP_PERFMON"
        )
    }

    private static func filter(_ plan: PrivilegePlan) throws(PrivilegeError) {
        var calls = cprivileges_calls()
        calls.internet = plan.usesInternet
        try step(
            .seccomp,
            cprivileges_filter_agent(&calls),
            remedy: "run a kernel with CONFIG_SECCOMP_FILTER, as the distributions' are"
        )
    }

    /// Looks at every thread that there is now.
    package static func verify(_ plan: PrivilegePlan) throws(PrivilegeError) {
        let (user, group) = (plan.identity?.uid ?? geteuid(), plan.identity?.gid ?? getegid())
        guard let tasks = opendir("/proc/self/task") else { throw PrivilegeError(.verify, errno: errno) }
        defer { closedir(tasks) }
        while let entry = readdir(tasks) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let tid = Int32(name) else { continue }
            // A thread that has ended meanwhile keeps nothing.
            guard let status = text("/proc/self/task/\(tid)/status") else { continue }
            let differences = ThreadPrivileges(tid: tid, status: status).differences(
                from: plan,
                user: user,
                group: group
            )
            guard differences.isEmpty else {
                throw PrivilegeError(.verify, "thread \(tid) \(differences.joined(separator: ", "))")
            }
        }
    }

    private static func text(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        // The kernel writes some kilobytes, all at once.
        let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 14) { area, count in
            count = max(0, read(file, area.baseAddress, area.count))
        }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }
}
