import Outputs

extension ConfigurationKey {
    /// What happens while an output is away.
    static let delivery: [ConfigurationKey] = [
        ConfigurationKey(
            "spool-dir",
            .text,
            standard: SpoolSettings.machineFolder,
            "The folder in which events wait for databases that are away."
        ) { $0.spool.folder = $1 },
        ConfigurationKey(
            "spool-size",
            .form("a size such as 500K, 10M or 1G, or 0 for memory alone") {
                $0 == "0" ? 0 : ByteCount($0)?.bytes
            },
            standard: "1G",
            "How much may wait for each; then the oldest is lost, and counted."
        ) { $0.spool.size = $1 },
        ConfigurationKey(
            "spool-age",
            .time,
            standard: "7d",
            "How long events may wait; then they are lost, and counted."
        ) {
            $0.spool.age = $1.value
        },
        ConfigurationKey(
            "spool-sync",
            .form("never, always, or a time such as 1s", SpoolSettings.Sync.init),
            standard: "1s",
            "When what waits must be safe from a crash of the machine: after this time, with each batch, or when the kernel likes."
        ) { $0.spool.sync = $1 },
        ConfigurationKey("spool-all", .boolean, standard: "false", "Files and stores have a spool as well.") {
            $0.spoolsAll = $1
        },
        ConfigurationKey(
            "strict",
            .boolean,
            standard: "false",
            "The agent ends when an output fails five times in a row; otherwise it is tried again for ever."
        ) { $0.retries = $1 ? .strict : .degrade },
        ConfigurationKey(
            "compat",
            .choice(Compatibility.allCases.map(\.rawValue), Compatibility.init(rawValue:)),
            "Keep to this system's tables in a database; martlet run also ends as it does after a signal."
        ) { $0.compatibility = $1 },
        ConfigurationKey(
            "postgres-age",
            .form("a time such as 30d, or 0 to keep all") { $0 == "0" ? 0 : Seconds($0)?.value },
            standard: "30d",
            "How long a PostgreSQL database keeps events, in whole days."
        ) { $0.postgresDays = UInt32(($1 / 86400).rounded(.up)) },
    ]
}
