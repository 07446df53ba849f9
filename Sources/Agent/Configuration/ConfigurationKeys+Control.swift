import API
import Engine
import UserInput

extension ConfigurationKey {
    private static let socketPath = ValueForm<String>.form("an absolute path of at most 107 bytes") {
        $0.hasPrefix("/") && $0.utf8.count <= 107 && !$0.utf8.contains(0) ? $0 : nil
    }

    /// Who can ask a daemon, and where.
    static let control: [ConfigurationKey] = [
        ConfigurationKey(
            "socket",
            socketPath,
            standard: ControlOptions.standardSocket,
            "Where a daemon is asked: martlet status, trace, reload."
        ) { $0.control.socket = $1 },
        ConfigurationKey(
            "bpfd-socket",
            socketPath,
            "A second socket that says the same, where clients of bpfd look for it: /run/bpfd/bpfd.sock."
        ) { $0.control.bpfdSocket = $1 },
        ConfigurationKey(
            "read-group",
            .form("a number or the name of a group in /etc/group", GroupName.init),
            "Whose members may ask and stream events; otherwise group martlet, where there is one."
        ) { $0.control.readGroup = $1 },
        ConfigurationKey(
            "change-group",
            .form("a number or the name of a group in /etc/group", GroupName.init),
            "Whose members may also change what the agent does, when they can reach the socket; otherwise only root and the agent's own user."
        ) { $0.control.changeGroup = $1 },
        ConfigurationKey(
            "listen-address",
            .form("a numeric address and port such as 192.0.2.1:4711 or [2001:db8::1]:4711", TCPAddress.init),
            "Where other machines may read status, events, policies and rules, by TLS with certificates on both sides; nowhere otherwise."
        ) { $0.control.listen = $1 },
        ConfigurationKey("tls-certificate", .text, "PEM file of this machine's certificate, for listen-address.") {
            $0.control.tlsCertificate = $1
        },
        ConfigurationKey("tls-key", .text, "PEM file of its key.") { $0.control.tlsKey = $1 },
        ConfigurationKey(
            "tls-authority",
            .text,
            "PEM file of the authority whose certificates clients must have."
        ) { $0.control.tlsAuthority = $1 },
    ]
}
