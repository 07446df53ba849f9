import Outputs
import Probes

/// What a run may do once it has begun: all else is given up.
package struct PrivilegePlan: Sendable, Equatable {
    /// A process beside the agent that keeps what the agent then need not have.
    package enum Helper: Sendable, Hashable, CaseIterable {
        /// Makes perf events on functions of files.
        case attacher
        /// Opens the programs and libraries of other processes.
        case looker
        /// Connects to the sockets of container engines.
        case connector

        package var capabilities: CapabilitySet {
            switch self {
            case .attacher: [.sysAdmin]
            case .looker: [.sysPtrace, .dacReadSearch]
            case .connector: [.dacOverride]
            }
        }
    }

    /// Whom the process becomes; nil: it stays who it is.
    package var identity: UserIdentity?
    /// What the agent keeps.
    package var capabilities: CapabilitySet = [.bpf, .perfmon]
    package var helpers: Set<Helper> = []
    /// How many databases there are: each has a process that starts martlet-postgres for it, and has no capability.
    package var databases = 0
    /// Files that are written, and made where they are missing.
    package var files: [String] = []
    /// Folders in which files are made, renamed and removed.
    package var folders: [String] = []
    /// Those of the folders that are made for the user where they are missing, and with which mode.
    package var ownFolders: [String: UInt32] = [:]
    /// TCP ports that may be listened on.
    package var ports: [UInt16] = []
    /// Whether sockets of the Internet are made.
    package var usesInternet = false
    /// Whether sockets without a path, of other programs, are spoken to.
    package var usesAbstractSockets = false
    /// Whether the kernel measures programs: by a descriptor, which is made while there is CAP_SYS_ADMIN.
    package var measuresPrograms = false
    /// What maps need of RLIMIT_MEMLOCK; 0 where the kernel does not count that.
    package var lockedMemory: UInt64 = 0

    /// What a run of these options needs.
    ///
    /// - Parameters:
    ///   - permitted: what there is to keep; a helper without its capabilities would be of no use.
    ///   - folders: folders to write in beside those of the outputs, such as that of a socket; made where they are missing.
    ///   - ports: TCP ports to listen on.
    ///   - notifySocket: `NOTIFY_SOCKET` of systemd; it may be an abstract one.
    package init(
        for options: RunOptions,
        as identity: UserIdentity?,
        on kernel: KernelAbilities,
        holding permitted: CapabilitySet,
        folders: [String] = [],
        ports: [UInt16] = [],
        notifySocket: String? = nil
    ) {
        self.identity = identity
        self.folders = folders
        // Whoever is in the user's group may come to a socket in it.
        for folder in folders { ownFolders[folder] = 0o750 }
        self.ports = ports
        usesInternet = !ports.isEmpty
        usesAbstractSockets = notifySocket?.hasPrefix("@") ?? false
        files = ["/dev/null"] + (options.record.map { [$0] } ?? [])
        for output in options.outputs {
            switch output {
            case .standardOutput, .none: break
            case .file(let path):
                files.append(path)
                if options.rotation.size != nil || options.rotation.age != nil {
                    self.folders.append(Self.folder(of: path))
                }
            case .store(let path):
                files.append(path)
                // SQLite has files of its own beside it.
                self.folders.append(Self.folder(of: path))
                if path == StoreFile.machinePath { ownFolders[Self.folder(of: path)] = 0o700 }
            case .postgres: databases += 1
            }
        }
        if options.hasSpool {
            self.folders.append(options.spool.folder)
            ownFolders[options.spool.folder] = 0o700
        }
        if options.probes.observations.contains(.shell) {
            helpers.insert(.looker)
            if !kernel.hasUprobeLinks { helpers.insert(.attacher) }
        }
        if options.engines != nil { helpers.insert(.connector) }
        measuresPrograms = options.measuresPrograms
        helpers = helpers.filter { permitted.isSuperset(of: $0.capabilities) }
        if kernel.countsLockedMemory { lockedMemory = Self.mapBytes(options.probes, kernel.cpus) }
    }

    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// What the maps of a run take. On 5.10 with 2 and 8 CPUs it was 2.7 and 4.7 MiB beside the rings and 85 bytes a socket.
    private static func mapBytes(_ settings: ProbeSettings, _ cpus: Int) -> UInt64 {
        let rings = settings.lifeCycleBytes + settings.pool * settings.ringBytes
        return UInt64(rings + 96 * settings.sockets + (4 << 20) + (cpus << 19))
    }
}
