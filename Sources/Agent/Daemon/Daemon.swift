import API
import Collector
import Engine
import Glibc
import Logging
import Outputs

/// An agent that is asked by a control socket, told to read its configuration again, and watched over by systemd.
package struct Daemon {
    private let source: ConfigurationSource
    private let configuration: Configuration
    private let options: RunOptions
    private let identity: StatusIdentity
    private let logger: Logger

    /// Whom a daemon becomes that root starts, where there is such a user; and whose group may read.
    private static let user = "martlet"

    /// - Parameter identity: what a status says of it.
    ///
    /// - Throws: what is wrong with its configuration.
    package init(
        _ source: ConfigurationSource,
        identity: StatusIdentity,
        logger: Logger
    ) throws(ConfigurationError) {
        self.source = source
        self.identity = identity
        self.logger = logger
        configuration = try source.read()
        var options = source.options(configuration)
        if options.identity == nil, geteuid() == 0 {
            options.identity = UserIdentity(Self.user)
            if options.identity == nil {
                logger.notice(
                    "there is no user \(Self.user): it stays root, with few capabilities (docs/privileges.md)"
                )
            }
        }
        self.options = options
    }

    /// Runs until SIGTERM or SIGINT, and returns the books.
    package func run() throws(DaemonError) -> Ledger {
        let manager = ManagerBox()
        let socket: UnixListener
        do { socket = try listen() } catch { throw .socket(error) }
        let port: TLSListener?
        do {
            port = try options.control.listen.map { try TLSListener($0, options.control.tls) }
        } catch let error as ListenerFailure {
            throw .socket(error)
        } catch {
            throw .tls("\(error)")
        }
        let told: MetricsSockets
        do {
            told = try MetricsSockets(
                path: options.metrics.path(control: options.control.socket),
                address: options.metrics.address,
                owner: options.identity?.uid,
                group: access.readers.first
            )
        } catch {
            throw .metrics(error)
        }
        let confinement: Confinement
        do {
            confinement = try Privileges.drop(for: options, folders: folders, logger: logger)
        } catch {
            throw .privileges(error)
        }
        let feed = EventFeed(node: options.node)
        let agent: Agent
        let servers: [ControlServer]
        let metrics: MetricsServer
        let links = Links()
        do {
            agent = try Agent(
                options,
                confinement: confinement,
                feed: feed,
                hooks: hooks(manager, links),
                logger: logger
            )
            let reloader = Reloader(
                agent.mailbox,
                source,
                current: configuration,
                identity: identity,
                logger: logger
            )
            let service = ControlServer.Service(
                access: access,
                control: reloader,
                feed: feed,
                node: options.node,
                logger: logger
            )
            let control = try ControlServer(socket, service)
            servers = [control] + (try port.map { [try ControlServer($0, service)] } ?? [])
            metrics = try MetricsServer(told, control: reloader, logger: logger)
            links.metrics = metrics
            links.reloader = reloader
            links.servers = servers
        } catch let error as AgentError {
            throw .agent(error)
        } catch {
            throw .loop("\(error)")
        }
        defer {
            metrics.stop()
            for server in servers { server.beginStopping() }
            for server in servers { server.stop(within: 1) }
        }
        do { return try agent.run() } catch { throw .agent(error) }
    }

    /// Of the socket.
    private var folder: String { PrivilegePlan.folder(of: options.control.socket) }

    /// Where sockets lie, which are removed at the end.
    private var folders: [String] {
        let further = options.metrics.path(control: options.control.socket).map { PrivilegePlan.folder(of: $0) }
        return [folder] + [further].compactMap { $0 == folder ? nil : $0 }
    }

    private func listen() throws(ListenerFailure) -> UnixListener {
        // Of systemd's making otherwise (RuntimeDirectory=).
        if mkdir(folder, 0o755) == 0 {
            // Readers go through it, whatever the umask.
            chmod(folder, 0o755)
            if let identity = options.identity { chown(folder, identity.uid, identity.gid) }
        }
        return try UnixListener(
            path: options.control.socket,
            owner: options.identity?.uid,
            group: access.readers.first
        )
    }

    private var access: Access {
        let readers = options.control.readGroup ?? GroupName(Self.user)
        return Access(
            owner: options.identity?.uid ?? geteuid(),
            readers: Set([readers?.id].compactMap { $0 }),
            changers: Set([options.control.changeGroup?.id].compactMap { $0 })
        )
    }

    private func hooks(_ manager: ManagerBox, _ links: Links) -> AgentHooks {
        var hooks = AgentHooks()
        hooks.ready = {
            for server in links.servers { server.start() }
            links.metrics?.start()
            manager.manager.tell("READY=1\nSTATUS=Watching.")
        }
        hooks.tick = { manager.manager.ping(at: $0) }
        hooks.stopping = { manager.manager.tell("STOPPING=1") }
        hooks.hangup = {
            // One that has not begun will read what is there then.
            guard let reloader = links.reloader, reloader.beginHangup() else { return }
            manager.manager.tellReloading()
            Task.detached {
                _ = await reloader.reload()
                reloader.endHangup()
                manager.manager.tell("READY=1")
            }
        }
        return hooks
    }

    /// What the hooks of an agent need that is made after it.
    private final class Links {
        var reloader: Reloader?
        var servers: [ControlServer] = []
        var metrics: MetricsServer?
    }

    /// Told things by the reader, and by the loop when a configuration has been read again: single datagrams.
    private final class ManagerBox: @unchecked Sendable {
        var manager = ServiceManager()
    }
}

/// Why a daemon cannot run.
package enum DaemonError: Error, CustomStringConvertible {
    case socket(ListenerFailure)
    case privileges(PrivilegeError)
    case agent(AgentError)
    case metrics(MetricsFailure)
    case tls(String)
    case loop(String)

    package var description: String {
        switch self {
        case .socket(let error): "\(error)"
        case .privileges(let error): "\(error)"
        case .agent(let error): "\(error)"
        case .metrics(let error): "\(error)"
        case .tls(let error), .loop(let error): error
        }
    }
}
