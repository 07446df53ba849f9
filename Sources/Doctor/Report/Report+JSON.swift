import FoundationEssentials

extension Report {
    /// The report for machines: `docs/doctor.md` has its fields.
    package var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
        }
    }

    /// Reads what `json` wrote.
    package init(json: some Sequence<UInt8>) throws {
        self = try JSONDecoder().decode(Report.self, from: Data(json))
    }
}
