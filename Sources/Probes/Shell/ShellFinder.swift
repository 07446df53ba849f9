import Glibc
import Logging

/// Finds bash and the readline library: in processes that run, in those that begin, in each mount namespace.
///
/// Belongs to one thread at a time.
final class ShellFinder {
    /// A program that has just begun to run.
    struct Start {
        let tgid: UInt32
        /// Of its binary.
        let inode: UInt64
        /// Of its binary, from the root of its mount namespace.
        let path: String
        /// Nothing was seen of its mount namespace before.
        let isMountNew: Bool
    }

    private let probe: ShellProbe
    private let files: ProcessFiles
    private let logger: Logger
    private var mounts: Set<UInt64> = []

    /// - Parameter looker: looks into other processes, when this one may not; nil: it looks by itself.
    init(_ probe: ShellProbe, looker: ProcessLooker? = nil, logger: Logger) {
        self.probe = probe
        files = ProcessFiles(looker: looker)
        self.logger = logger
    }

    /// Looks at all processes that run, and at the usual places of their mount namespaces. Costs some 100 µs for each.
    func lookAround() {
        lookInUsualPlaces()
        guard let processes = opendir("/proc") else { return }
        defer { closedir(processes) }
        var (forbidden, count) = (0, 0)
        while let entry = readdir(processes) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let tgid = UInt32(name), tgid != UInt32(getpid()) else { continue }
            if let namespace = files.mountNamespace(of: tgid), mounts.insert(namespace).inserted {
                lookInUsualPlaces(of: tgid)
            }
            do throws(FileRefusal) {
                let file = try files.executable(of: tgid)
                _ = probe.look(at: file, called: "the binary of process \(tgid)")
            } catch {
                if error.isForbidden { forbidden += 1 }
            }
            count += 1
            _ = lookAtMaps(tgid)
        }
        tellRefusals(forbidden, of: count)
        if probe.count == 0 { logger.notice("shells: there is no bash and no libreadline here yet") }
    }

    /// Looks at a program that began; true when it should be looked at again, because its libraries may not be there yet.
    func look(at start: Start) -> Bool {
        if start.isMountNew { lookInUsualPlaces(of: start.tgid) }
        switch use(of: start) {
        case .defines, .none: return false
        case .needsLibrary:
            lookInUsualPlaces(of: start.tgid)
            return lookAtMaps(start.tgid) == 0
        }
    }

    private func use(of start: Start) -> ReadlineUse {
        do throws(FileRefusal) {
            let file = try files.executable(of: start.tgid)
            // It may run another one by now, which then is another start.
            if file.inode == start.inode { return probe.look(at: file, called: start.path) }
        } catch {}
        // It has gone, or is not ours to look at: the file may still be where it was, if its mounts are ours.
        if let file = try? RegularFile(start.path), file.inode == start.inode {
            return probe.look(at: file, called: start.path)
        }
        return .none
    }

    /// Those of the agent's own mount namespace.
    private func lookInUsualPlaces() {
        guard let folder = try? Folder("/") else { return }
        for path in ReadlineUse.usualPlaces {
            if let file = try? RegularFile(path, inRoot: folder) { _ = probe.look(at: file, called: path) }
        }
    }

    private func lookInUsualPlaces(of tgid: UInt32) {
        files.files(ReadlineUse.usualPlaces, inRootOf: tgid) { file, path in
            _ = probe.look(at: file, called: "/proc/\(tgid)/root\(path)")
        }
    }

    /// Looks at the readline libraries that a process has mapped; how many there are.
    private func lookAtMaps(_ tgid: UInt32) -> Int {
        do throws(FileRefusal) {
            let mappings = try files.readlineLibraries(of: tgid)
            for mapping in mappings {
                if let file = files.file(mapping, of: tgid) { _ = probe.look(at: file, called: mapping.path) }
            }
            return mappings.count
        } catch {
            return 0
        }
    }

    /// Says so when most processes cannot be looked into; a few never can, such as a first process that is hidden.
    private func tellRefusals(_ forbidden: Int, of count: Int) {
        guard 2 * forbidden > count else { return }
        logger.warning(
            """
            shells: \(forbidden) of \(count) processes cannot be looked into, so only shells of the agent's own mount \
            namespace are found: run as root, or add CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH
            """
        )
    }
}
