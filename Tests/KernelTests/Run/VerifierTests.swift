import Foundation
import Probes
import Testing

extension Kernel {
    @Suite struct VerifierTests {
        @Test func `No program is more work for the verifier than its threshold says`() throws {
            let thresholds = try Self.thresholds()
            let costs = try VerifierCosts.measure() + WidePolicy.verifierWork()
            // 16 of what martlet observes by itself, and what policies can have everywhere
            #expect(costs.count >= 20)
            // for scripts/vm-test, which makes the table of all kernels
            if let path = ProcessInfo.processInfo.environment["MARTLET_VERIFIER_TABLE"] {
                let lines = costs.map { "\($0.program)\t\($0.instructions)\n" }.joined()
                try lines.write(toFile: path, atomically: false, encoding: .utf8)
            }
            for (program, instructions) in costs {
                let threshold = thresholds[program]
                #expect(threshold != nil, "verifier-thresholds.tsv has no line for \(program): \(instructions)")
                #expect(instructions <= threshold ?? .max, "\(program)")
            }
        }

        private static func thresholds() throws -> [String: Int] {
            let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
                path: "../verifier-thresholds.tsv"
            )
            let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter {
                !$0.hasPrefix("#")
            }
            let pairs = lines.compactMap { line -> (String, Int)? in
                let columns = line.split(separator: "\t")
                return columns.count == 2 ? Int(columns[1]).map { (String(columns[0]), $0) } : nil
            }
            return Dictionary(pairs) { $1 }
        }
    }
}
