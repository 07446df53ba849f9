import API
import Collector
import Engine
import Glibc
import Logging
import Outputs
import Policies
import Rules
import UserInput

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
        if options.policies.paths.isEmpty { options.policies.folder = PolicySettings.standardFolder }
        if options.rules.paths.isEmpty, options.rules.folder == nil {
            options.rules.folder = RuleSettings.standardFolder
        }
        self.options = options
    }

    /// Runs until SIGTERM or SIGINT, and returns the books.
    package func run() throws(DaemonError) -> Ledger {
        let manager = ServiceManager()
        let policies: PolicyCollection
        do { policies = try options.policies.read(logger) } catch { throw .agent(.input(error)) }
        let kept = options.rules.readKept(logger)
        let rules: RuleSet
        do { rules = try options.rules.read(logger).set.replacing(with: kept) } catch { throw .agent(.input(error)) }
        var options = options
        options.watch(for: rules)
        let listeners = try listen()
        let confinement: Confinement
        do {
            confinement = try Privileges.drop(for: options, folders: folders, logger: logger)
        } catch {
            throw .privileges(error)
        }
        let feed = EventFeed(node: options.node)
        let links = Links()
        let agent: Agent
        do {
            agent = try Agent(
                options,
                confinement: confinement,
                policies: policies,
                rules: rules,
                feed: feed,
                hooks: hooks(manager, links),
                logger: logger
            )
        } catch {
            throw .agent(error)
        }
        let servers = try makeServers(listeners, agent, ruleManager(rules, kept, agent), feed, links)
        defer { servers.stop() }
        do { return try agent.run() } catch { throw .agent(error) }
    }

    private func ruleManager(_ rules: RuleSet, _ kept: RuleSet, _ agent: Agent) -> RuleManager {
        RuleManager(
            rules,
            added: Set(kept.rules.map(\.name)),
            keeper: options.rules.keeps ? RuleKeeper(folder: RuleSettings.keptFolder) : nil,
            mailbox: agent.mailbox,
            logger: logger
        )
    }

    /// What answers, once everything is watched.
    private func makeServers(
        _ listeners: consuming Listeners,
        _ agent: Agent,
        _ rules: RuleManager,
        _ feed: EventFeed,
        _ links: Links
    ) throws(DaemonError) -> Servers {
        let reloader = Reloader(
            agent.mailbox,
            source,
            policies: agent.policies,
            rules: rules,
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
        do throws(LoopFailure) {
            let metrics = try MetricsServer(listeners.metrics, control: reloader, logger: logger)
            let port = try listeners.port.map { port throws(LoopFailure) in try ControlServer(port, service) }
            let control = try ControlServer(listeners.control, service)
            let bpfd: ControlServer? =
                if let listener = listeners.bpfd { try ControlServer(listener, service) } else { nil }
            let servers = Servers(control: [control] + [bpfd, port].compactMap { $0 }, metrics: metrics)
            links.reloader = reloader
            links.servers = servers
            return servers
        } catch {
            throw .loop(error)
        }
    }

    /// Of the socket.
    private var folder: String { PrivilegePlan.folder(of: options.control.socket) }

    /// That of bpfd's clients, where it is another one.
    private var bpfdSocket: String? {
        options.control.bpfdSocket.flatMap { $0 == options.control.socket ? nil : $0 }
    }

    /// Where sockets lie, which are removed at the end, and where rules are kept.
    private var folders: [String] {
        let sockets = [bpfdSocket, options.metrics.path(control: options.control.socket)]
        let further = sockets.compactMap { $0.map { PrivilegePlan.folder(of: $0) } }
        return (further + (options.rules.keeps ? [RuleSettings.keptFolder] : [])).reduce(into: [folder]) {
            list,
            folder in
            if !list.contains(folder) { list.append(folder) }
        }
    }

    /// Makes the folder of a socket, which readers go through, whatever the umask.
    private func make(_ folder: String) {
        guard mkdir(folder, 0o755) == 0 else { return }
        chmod(folder, 0o755)
        if let identity = options.identity { chown(folder, identity.uid, identity.gid) }
    }

    /// All that is listened on, while there still is the right to.
    private func listen() throws(DaemonError) -> Listeners {
        make(folder)
        if let bpfdSocket { make(PrivilegePlan.folder(of: bpfdSocket)) }
        let (owner, group) = (options.identity?.uid, access.readers.first)
        do {
            return Listeners(
                control: try UnixListener(path: options.control.socket, owner: owner, group: group),
                bpfd: try makeListener(bpfdSocket, owner, group),
                port: try options.control.listen.map { try TLSListener($0, options.control.tls) },
                metrics: try MetricsSockets(
                    path: options.metrics.path(control: options.control.socket),
                    address: options.metrics.address,
                    owner: owner,
                    group: group
                )
            )
        } catch let error as ListenerFailure {
            throw .socket(error)
        } catch let error as MetricsFailure {
            throw .metrics(error)
        } catch {
            throw .tls("\(error)")
        }
    }

    private func makeListener(
        _ path: String?,
        _ owner: UInt32?,
        _ group: UInt32?
    ) throws(ListenerFailure) -> UnixListener? {
        guard let path else { return nil }
        return try UnixListener(path: path, owner: owner, group: group)
    }

    private var access: Access {
        let readers = options.control.readGroup ?? GroupName(Self.user)
        return Access(
            owner: options.identity?.uid ?? geteuid(),
            readers: Set([readers?.id].compactMap { $0 }),
            changers: Set([options.control.changeGroup?.id].compactMap { $0 })
        )
    }

    private func hooks(_ manager: ServiceManager, _ links: Links) -> AgentHooks {
        var hooks = AgentHooks()
        hooks.ready = {
            links.servers?.start()
            manager.tell("READY=1\nSTATUS=Watching.")
        }
        hooks.tick = { manager.ping(at: $0) }
        hooks.stopping = { manager.tell("STOPPING=1") }
        hooks.hangup = {
            // One that has not begun will read what is there then.
            guard let reloader = links.reloader, reloader.beginHangup() else { return }
            manager.tellReloading()
            Task.detached {
                _ = await reloader.reload()
                reloader.endHangup()
                manager.tell("READY=1")
            }
        }
        return hooks
    }

    /// What the hooks of an agent need that is made after it.
    private final class Links {
        var reloader: Reloader?
        var servers: Servers?
    }

    /// What listens, before anybody is answered.
    private struct Listeners: ~Copyable {
        let control: UnixListener
        let bpfd: UnixListener?
        let port: TLSListener?
        let metrics: MetricsSockets
    }

    /// What answers.
    private struct Servers {
        let control: [ControlServer]
        let metrics: MetricsServer

        func start() {
            for server in control { server.start() }
            metrics.start()
        }

        func stop() {
            metrics.stop()
            for server in control { server.beginStopping() }
            for server in control { server.stop(within: 1) }
        }
    }
}

/// Why a daemon cannot run.
package enum DaemonError: Error, CustomStringConvertible {
    case socket(ListenerFailure)
    case privileges(PrivilegeError)
    case agent(AgentError)
    case metrics(MetricsFailure)
    case tls(String)
    case loop(LoopFailure)

    package var description: String {
        switch self {
        case .socket(let error): "\(error)"
        case .privileges(let error): "\(error)"
        case .agent(let error): "\(error)"
        case .metrics(let error): "\(error)"
        case .tls(let error): error
        case .loop(let error): "\(error)"
        }
    }
}
