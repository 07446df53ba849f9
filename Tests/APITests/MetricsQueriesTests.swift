import API
import Foundation
import Testing

/// What dashboard and alerts ask for is what the agent tells.
@Suite struct MetricsQueriesTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")

    private static func read(_ path: String) throws -> Data { try Data(contentsOf: root.appending(path: path)) }

    /// The queries of a dashboard, in panels and variables.
    private func dashboardQueries() throws -> [String] {
        let dashboard = try JSONSerialization.jsonObject(with: Self.read("packaging/grafana/martlet.json"))
        let top = try #require(dashboard as? [String: Any])
        let panels = try #require(top["panels"] as? [[String: Any]])
        let variables = try #require((top["templating"] as? [String: Any])?["list"] as? [[String: Any]])
        return panels.flatMap { ($0["targets"] as? [[String: Any]] ?? []).compactMap { $0["expr"] as? String } }
            + variables.compactMap { $0["definition"] as? String }
    }

    private func rules() throws -> String {
        String(decoding: try Self.read("packaging/prometheus/martlet.rules.yml"), as: UTF8.self)
    }

    /// The queries of alerts: a line, or the indented lines below it.
    private func alertQueries() throws -> [String] {
        var queries: [String] = []
        var isInside = false
        for line in try rules().split(separator: "\n", omittingEmptySubsequences: false) {
            if let match = line.firstMatch(of: /^        expr: (.*)$/) {
                queries.append(String(match.1))
                isInside = true
            } else if isInside, line.hasPrefix("          ") {
                queries[queries.count - 1] += " " + line
            } else {
                isInside = false
            }
        }
        return queries
    }

    private func names(_ query: String) -> Set<String> {
        Set(query.matches(of: /\b(martlet|process)_[a-z_]+\b/).map { String($0.output.0) })
    }

    private let series = Set(Metric.all.flatMap(\.seriesNames))
    private let labels = Set(Metric.all.flatMap(\.labels) + ["job", "instance", "le"])

    @Test func everyMetricOfTheDashboardExists() throws {
        let queries = try dashboardQueries()
        #expect(queries.count > 20)
        for query in queries { #expect(names(query).isSubset(of: series), "\(query)") }
    }

    @Test func everyMetricOfTheAlertsExists() throws {
        let queries = try alertQueries()
        #expect(queries.count == (try rules()).matches(of: /- alert:/).count && queries.count > 8)
        for query in queries { #expect(names(query).isSubset(of: series), "\(query)") }
    }

    @Test func everyLabelExists() throws {
        for query in try dashboardQueries() + alertQueries() {
            let grouped = query.matches(of: /(?:by|on|group_left) \(([a-z, ]*)\)/).flatMap {
                $0.1.split(separator: /, */)
            }
            let matched = query.matches(of: /[{,] ?([a-z]+)=/).map(\.1)
            #expect(Set((grouped + matched).map(String.init)).isSubset(of: labels), "\(query)")
        }
        for match in try rules().matches(of: /\$labels\.([a-z]+)/) { #expect(labels.contains(String(match.1))) }
    }

    @Test func everyMetricIsShown() throws {
        let asked = try Set(dashboardQueries().flatMap(names))
        for metric in Metric.all where !metric.seriesNames.contains(where: asked.contains) {
            // What needs no picture.
            #expect(
                ["martlet_machine_info", "process_threads", "process_start_time_seconds"].contains(metric.name),
                "\(metric.name)"
            )
        }
    }

    @Test func panelsDoNotOverlapAndHaveNumbersOfTheirOwn() throws {
        let dashboard = try JSONSerialization.jsonObject(with: Self.read("packaging/grafana/martlet.json"))
        let panels = try #require((dashboard as? [String: Any])?["panels"] as? [[String: Any]])
        #expect(Set(panels.compactMap { $0["id"] as? Int }).count == panels.count)
        var cells: Set<[Int]> = []
        for panel in panels {
            let place = try #require(panel["gridPos"] as? [String: Int])
            let (x, y) = (try #require(place["x"]), try #require(place["y"]))
            for column in x..<x + (try #require(place["w"])) {
                for row in y..<y + (try #require(place["h"])) {
                    #expect(column < 24 && cells.insert([column, row]).inserted)
                }
            }
        }
    }
}
