import API
import Model
import Outputs
import Testing

/// Metrics as text: every line of it, and that nothing that is told breaks it.
@Suite struct MetricsTextTests {
    private var status: AgentStatus {
        var status = AgentStatus()
        status.version = "1.2"
        status.node = "node-1"
        status.kernel = "6.12.0"
        status.uptime = 12.5
        status.processes = 7
        status.observations = [.init(name: "exec"), .init(name: "tcp", problem: "no tp_btf")]
        status.ledger.produced[.exec] = 100
        status.ledger.filtered[.exec] = 10
        status.ledger.lost[.exec, .ringFull] = 3
        status.ledger.lost[nil, .reentered] = 2
        // The books have the first output's losses among them.
        status.ledger.lost[.exec, .queueFull] = 5
        status.ledger.late = 4
        var output = OutputStatus()
        output.counts.delivered[.exec] = 80
        output.counts.queueFull[.exec] = 5
        output.counts.failed[.exec] = 2
        output.queue.events = 9
        output.queue.eventLimit = 1000
        for nanoseconds in [1, 40_000, 40_000, 1 << 40] { output.latency.add(nanoseconds: UInt64(nanoseconds)) }
        status.outputs = [.init(name: "/var/log/a", status: output)]
        status.rings = [.init(name: "life_cycle", bytes: 4096, used: 96)]
        status.programs = [.init(name: "sched_exec", runs: 100, nanoseconds: 250_000_000)]
        status.streamed.sent[.exec] = 50
        status.streamed.dropped[.exec] = 1
        let peer = Peer(pid: 1, uid: 2, groups: [3])
        status.clients = [.init(caller: .process(peer), sent: KindCounts(), dropped: KindCounts(), queued: 6)]
        return status
    }

    private var process: ProcessUse {
        var process = ProcessUse()
        process.cpu = 0.25
        process.resident = 1 << 20
        process.descriptors = 11
        process.descriptorLimit = 1024
        process.threads = 3
        process.start = 1_700_000_000.5
        return process
    }

    private func lines(_ status: AgentStatus) -> [String] {
        MetricsText.render(MetricsSource(status, process: process)).split(separator: "\n").map(String.init)
    }

    @Test(arguments: [
        #"martlet_build_info{version="1.2"} 1"#,
        #"martlet_machine_info{node="node-1",kernel="6.12.0"} 1"#,
        "martlet_uptime_seconds 12.5",
        #"martlet_observation_up{observation="exec"} 1"#,
        #"martlet_observation_up{observation="tcp"} 0"#,
        "martlet_processes 7",
        #"martlet_events_produced_total{event="exec"} 100"#,
        #"martlet_events_produced_total{event="heartbeat"} 0"#,
        #"martlet_events_filtered_total{event="exec"} 10"#,
        #"martlet_events_written_total{event="exec",output="/var/log/a"} 80"#,
        #"martlet_events_lost_total{event="exec",reason="ring_full"} 3"#,
        #"martlet_events_lost_total{event="unknown",reason="reentered"} 2"#,
        #"martlet_events_lost_total{event="exec",reason="queue_full",output="/var/log/a"} 5"#,
        #"martlet_events_lost_total{event="exec",reason="sink_failed",output="/var/log/a"} 2"#,
        "martlet_events_late_total 4",
        "martlet_events_unrecorded_total 0",
        #"martlet_output_queue_events{output="/var/log/a"} 9"#,
        #"martlet_output_queue_limit_events{output="/var/log/a"} 1000"#,
        #"martlet_output_latency_seconds_bucket{output="/var/log/a",le="3.2768e-05"} 1"#,
        #"martlet_output_latency_seconds_bucket{output="/var/log/a",le="6.5536e-05"} 3"#,
        #"martlet_output_latency_seconds_bucket{output="/var/log/a",le="34.359738368"} 3"#,
        #"martlet_output_latency_seconds_bucket{output="/var/log/a",le="+Inf"} 4"#,
        #"martlet_output_latency_seconds_sum{output="/var/log/a"} 1099.511707777"#,
        #"martlet_output_latency_seconds_count{output="/var/log/a"} 4"#,
        "martlet_clients 1",
        "martlet_client_queue_events 6",
        #"martlet_client_events_sent_total{event="exec"} 50"#,
        #"martlet_client_events_dropped_total{event="exec"} 1"#,
        #"martlet_ring_bytes{ring="life_cycle"} 4096"#,
        #"martlet_ring_used_bytes{ring="life_cycle"} 96"#,
        #"martlet_bpf_program_runs_total{program="sched_exec"} 100"#,
        #"martlet_bpf_program_run_seconds_total{program="sched_exec"} 0.25"#,
        "process_cpu_seconds_total 0.25",
        "process_resident_memory_bytes 1048576",
        "process_open_fds 11",
        "process_max_fds 1024",
        "process_threads 3",
        "process_start_time_seconds 1700000000.5",
        "# TYPE martlet_output_latency_seconds histogram",
        "# TYPE martlet_events_lost_total counter",
        "# HELP martlet_processes Rows of the process table.",
    ]) func aLineForEachNumber(line: String) {
        #expect(lines(status).filter { $0 == line }.count == 1)
    }

    @Test func everyEventIsInExactlyOneCount() {
        let exec = lines(status).filter { $0.contains(#"event="exec""#) && !$0.contains("client") }
        let sum = exec.filter { !$0.contains("produced") }.compactMap { UInt64($0.split(separator: " ").last ?? "") }
        #expect(sum.reduce(0, +) == 100)
    }

    @Test func aTypeAndAHelpStandOnceBeforeAllOfTheirLines() {
        var current = ""
        var seen: Set<String> = []
        for line in lines(status) {
            let words = line.split(separator: " ")
            if line.hasPrefix("# HELP") {
                current = String(words[2])
                #expect(seen.insert(current).inserted)
            } else if line.hasPrefix("#") {
                #expect(line.hasPrefix("# TYPE \(current) "))
            } else {
                #expect(words[0].hasPrefix(current), "\(line)")
            }
        }
        #expect(seen == Set(Metric.all.map(\.name)))
    }

    @Test func noLineIsThereTwice() {
        var status = status
        // a file and a store by the same name
        status.outputs += [status.outputs[0], status.outputs[0]]
        let lines = lines(status)
        let series = lines.filter { !$0.hasPrefix("#") }.map { $0.prefix(upTo: $0.lastIndex(of: " ") ?? $0.endIndex) }
        #expect(Set(series).count == series.count)
        #expect(lines.contains(#"martlet_output_queue_events{output="/var/log/a (3)"} 9"#))
    }

    @Test func whatAPathMayHoldIsEscaped() {
        var status = status
        status.outputs[0].name = "/a\"b\\c\nd}é"
        #expect(lines(status).contains(#"martlet_output_queue_events{output="/a\"b\\c\nd}é"} 9"#))
    }

    @Test func anAgentThatHasJustStartedTellsItsZeros() {
        let lines = lines(AgentStatus())
        #expect(lines.contains(#"martlet_events_lost_total{event="open",reason="ring_full"} 0"#))
        #expect(lines.contains(#"martlet_events_lost_total{event="unknown",reason="decode"} 0"#))
        #expect(lines.contains("martlet_clients 0"))
        #expect(!lines.contains { $0.contains("martlet_bpf_program") })
        #expect(lines.filter { $0.hasPrefix("martlet_") && !$0.hasSuffix(" 0") && !$0.hasSuffix(" 0.0") }.count == 2)
    }

    @Test func theTableKeepsToPrometheusNames() {
        #expect(Set(Metric.all.map(\.name)).count == Metric.all.count)
        for metric in Metric.all {
            #expect(metric.name.wholeMatch(of: /(martlet|process)(_[a-z]+)+/) != nil, "\(metric.name)")
            #expect((metric.kind == .counter) == metric.name.hasSuffix("_total"), "\(metric.name)")
            #expect(metric.summary.hasSuffix("."), "\(metric.name)")
        }
    }

    @Test func theAgentsOwnProcessIsMeasured() {
        let use = ProcessUse.now()
        #expect(use.cpu > 0 && use.resident > 1 << 20 && use.threads > 0)
        #expect((3...100_000).contains(use.descriptors) && use.descriptorLimit > 0)
        #expect(use.start > 1_000_000_000)
        #expect(ProcessUse.now().start == use.start)
    }
}
