import Glibc
import MartletV1
import Model
import Outputs

extension Martlet_V1_GetStatusResponse {
    init(_ status: AgentStatus) {
        self.init()
        version = status.version
        node = status.node
        kernel = status.kernel
        pid = UInt32(getpid())
        uid = geteuid()
        uptimeSeconds = status.uptime
        processes = UInt64(status.processes)
        capabilities = status.capabilities
        configuration = status.configuration
        memoryBytes = status.memory
        let kinds = Ledger.kinds
        produced = kinds.reduce(0) { $0 + status.ledger.produced[$1] }
        lost = status.ledger.lost.total - status.ledger.lost.total(.heartbeat)
        observations = status.observations.map { observation in
            .with {
                $0.name = observation.name
                $0.working = observation.problem == nil
                $0.problem = observation.problem ?? ""
            }
        }
        outputs = status.outputs.map { output in
            .with {
                $0.name = output.name
                $0.written = kinds.reduce(0) { $0 + output.counts.delivered[$1] }
                $0.lost = output.counts.lostTotal
                $0.queued = UInt64(output.status.queue.events)
                $0.spooled = UInt64(output.status.spool?.events ?? 0)
                $0.problem = output.status.problem ?? output.status.spool?.problem ?? ""
            }
        }
        clients = status.clients.map { client in
            .with {
                switch client.caller {
                case .process(let peer):
                    $0.pid = UInt32(bitPattern: peer.pid)
                    $0.uid = peer.uid
                case .certificate(let address): $0.address = address
                }
                $0.sent = client.sent.total
                $0.dropped = client.dropped.total
                $0.queued = UInt64(client.queued)
            }
        }
    }
}

extension Martlet_V1_GetLedgerResponse {
    init(_ ledger: Ledger) {
        self.init()
        seconds = ledger.seconds
        text = ledger.text
        losses = Self.losses(ledger.lost, nil)
        kinds = Ledger.kinds.map { kind in
            .with {
                $0.kind = "\(kind.name)"
                $0.produced = ledger.produced[kind]
                $0.written = ledger.written[kind]
                $0.waiting = ledger.waiting[kind]
                $0.filtered = ledger.filtered[kind]
                $0.losses = Self.losses(ledger.lost, kind)
            }
        }
    }

    private static func losses(_ totals: LossTotals, _ kind: EventKind?) -> [Martlet_V1_Loss] {
        DropReason.allCases.filter { totals[kind, $0] > 0 }.map { reason in
            .with {
                $0.reason = "\(reason.name)"
                $0.count = totals[kind, reason]
            }
        }
    }
}
