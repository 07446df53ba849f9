import Foundation
import Glibc
import Testing

extension Kernel {
    /// What a daemon tells Prometheus.
    @Suite struct MetricsTests {
        /// The text that a scrape gets, by a client that many people have.
        private func scrape(_ daemon: DaemonRun, through wrapper: [String] = []) throws -> Child.Outcome {
            try Child(
                wrapper + [
                    "curl", "-sS", "--max-time", "10", "--unix-socket", daemon.folder("metrics.sock"),
                    "http://localhost/metrics",
                ]
            ).wait(seconds: 60)
        }

        private func value(_ series: String, _ text: String) -> Double? {
            text.split(separator: "\n").first { $0.hasPrefix(series + " ") }.flatMap {
                Double($0.split(separator: " ")[1])
            }
        }

        @Test func `Counts of events are those that happened, in each output and in all`() throws {
            let folder = try TemporaryFolder()
            let daemon = try DaemonRun(
                "event: [open]\npath: [/etc/hostname]\nformat: json\nsink: [none, file:\(folder("out"))]\n"
            )
            try workload("open", "23", "/etc/hostname")
            var text = ""
            let written = "martlet_events_written_total{event=\"open\",output=\"\(folder("out"))\"}"
            #expect(
                try eventually {
                    text = try scrape(daemon).output
                    return value(written, text) ?? 0 >= 23
                }
            )
            let events = try AgentRun.parse(Machine.contents(folder("out")))
            #expect(events.count { $0.text("name") == "/etc/hostname" } >= 23)
            #expect(value("martlet_events_produced_total{event=\"open\"}", text) ?? 0 >= 23)
            #expect(value("martlet_observation_up{observation=\"open\"}", text) == 1)
            #expect(value("martlet_events_lost_total{event=\"open\",reason=\"ring_full\"}", text) == 0)
            let count = "martlet_output_latency_seconds_count{output=\"\(folder("out"))\"}"
            #expect(value(count, text) ?? 0 >= 23)
            #expect(value("process_resident_memory_bytes", text) ?? 0 > 1e6)
            #expect(try daemon.stop().outcome.code == 0)
            #expect(access(daemon.folder("metrics.sock"), F_OK) != 0)
        }

        @Test func `Readers may scrape, and nobody else`() throws {
            let daemon = try DaemonRun("event: [exec]\nread-group: 4711\n")
            let user = { (groups: String) in ["setpriv", "--reuid", "4801", "--regid", "4801", "--groups", groups] }
            #expect(try scrape(daemon, through: user("4711")).output.contains("martlet_build_info"))
            #expect(try scrape(daemon, through: user("4800")).code == 7)
        }

        @Test func `What programs cost is told when it was asked for`() throws {
            let daemon = try DaemonRun("event: [open]\nbpf-stats: true\n", ["--run-as", "0"])
            try workload("open", "1009", "/etc/hostname")
            let text = try scrape(daemon).output
            #expect(value("martlet_bpf_program_runs_total{program=\"syscall_exit\"}", text) ?? 0 >= 1009)
            #expect(value("martlet_bpf_program_run_seconds_total{program=\"syscall_exit\"}", text) ?? 0 > 0)
            _ = try daemon.stop()
        }
    }
}
