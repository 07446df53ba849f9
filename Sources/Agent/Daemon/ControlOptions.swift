import API
import Engine
import UserInput

/// Where the daemon is asked, and by whom.
package struct ControlOptions: Sendable, Equatable {
    package static let standardSocket = "/run/martlet/martlet.sock"

    /// Where bpfd's clients look for its daemon.
    package static let bpfdSocket = "/run/bpfd/bpfd.sock"

    /// The control socket.
    package var socket = Self.standardSocket
    /// A second one, for clients of bpfd; nil: there is none.
    package var bpfdSocket: String?
    /// Whose members may read; nil: group martlet, where there is one.
    package var readGroup: GroupName?
    /// Whose members may read and change; nil: nobody's.
    package var changeGroup: GroupName?

    /// Where events are also told to other machines; nil: nowhere.
    package var listen: TCPAddress?
    package var tlsCertificate = ""
    package var tlsKey = ""
    package var tlsAuthority = ""

    /// What TLS needs.
    package var tls: TLSFiles { TLSFiles(certificate: tlsCertificate, key: tlsKey, authority: tlsAuthority) }

    /// What is missing for listening to other machines; nil: nothing.
    package var problem: String? {
        let files = [("tls-certificate", tlsCertificate), ("tls-key", tlsKey), ("tls-authority", tlsAuthority)]
        let missing = files.filter(\.1.isEmpty).map(\.0)
        guard listen != nil, !missing.isEmpty else { return nil }
        return "TCP is for those who have a certificate: set \(missing.joined(separator: ", ")) as well"
    }

    package init() {}
}
