import Engine

extension ConfigurationKey {
    /// Who can ask a daemon, and where.
    static let control: [ConfigurationKey] = [
        ConfigurationKey(
            "socket",
            .form("an absolute path of at most 107 bytes") {
                $0.hasPrefix("/") && $0.utf8.count <= 107 && !$0.utf8.contains(0) ? $0 : nil
            },
            standard: ControlOptions.standardSocket,
            "Where a daemon is asked: martlet status, trace, reload."
        ) { $0.control.socket = $1 },
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
    ]
}
