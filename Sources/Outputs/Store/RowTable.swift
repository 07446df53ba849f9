import Formats

/// Rows as aligned columns: the first ones decide how wide they are, so that a long result comes while it is read.
package struct RowTable: ~Copyable {
    private let columns: [String]
    /// The terminal's width, to which cells are cut; nil where lines may have any length.
    private let width: Int?
    private var waiting: [(cells: [String], isNumber: [Bool])] = []
    private var widths: [Int] = []

    /// So many rows are looked at before the first is written.
    private static let sample = 500
    private static let least = 6

    package init(columns: [String], width: Int?) {
        self.columns = columns.map { Self.printable(Array($0.utf8)) }
        self.width = width
    }

    /// Adds the row that `rows` is at.
    package mutating func add(_ rows: StoreRows, to buffer: inout TextBuffer) {
        let cells = rows.texts().map { $0.map(Self.printable) ?? "" }
        let row = (cells, columns.indices.map { rows.isNumber($0) })
        if !widths.isEmpty {
            write(row.0, row.1, to: &buffer)
        } else {
            waiting.append(row)
            if waiting.count == Self.sample { begin(&buffer) }
        }
    }

    /// Writes what waited for its width.
    package mutating func finish(to buffer: inout TextBuffer) {
        if widths.isEmpty, !waiting.isEmpty { begin(&buffer) }
    }

    private mutating func begin(_ buffer: inout TextBuffer) {
        widths = columns.indices.map { column in
            waiting.reduce(columns[column].count) { max($0, $1.cells[column].count) }
        }
        fit()
        write(columns.map { $0.uppercased() }, columns.map { _ in false }, to: &buffer)
        for row in waiting { write(row.cells, row.isNumber, to: &buffer) }
        waiting = []
    }

    /// Takes from the widest column until all fit.
    private mutating func fit() {
        guard let width else { return }
        while widths.reduce(0, +) + 2 * (widths.count - 1) > width {
            guard let widest = widths.indices.max(by: { widths[$0] < widths[$1] }), widths[widest] > Self.least else {
                return
            }
            widths[widest] -= 1
        }
    }

    private func write(_ cells: [String], _ isNumber: [Bool], to buffer: inout TextBuffer) {
        for (index, cell) in cells.enumerated() {
            let isLast = index == cells.count - 1
            var cell = cell
            if width != nil, cell.count > widths[index] { cell = cell.prefix(widths[index] - 1) + "…" }
            let space = String(repeating: " ", count: max(0, widths[index] - cell.count))
            buffer.append(isNumber[index] ? space + cell : isLast ? cell : cell + space)
            buffer.append(isLast ? "\n" : "  ")
        }
    }

    /// What a terminal may be shown: control characters and bytes that are no UTF-8 are escaped.
    static func printable(_ bytes: some Collection<UInt8>) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return bytes.map { (0x20..<0x7f).contains($0) ? String(UnicodeScalar($0)) : hex($0) }.joined()
        }
        // Those that reverse or hide what follows are as bad as those that move the cursor.
        let isPlain = { (scalar: Unicode.Scalar) -> Bool in
            if scalar.value >= 0x20, scalar.value < 0x7f { return true }
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse: return false
            default: return true
            }
        }
        if text.unicodeScalars.allSatisfy(isPlain) { return text }
        return text.unicodeScalars.map { scalar in
            if isPlain(scalar) { return String(scalar) }
            switch scalar {
            case "\n": return #"\n"#
            case "\t": return #"\t"#
            default:
                return scalar.value < 0x100 ? hex(UInt8(scalar.value)) : #"\u{\#(String(scalar.value, radix: 16))}"#
            }
        }.joined()
    }

    private static func hex(_ byte: UInt8) -> String {
        #"\x"# + (byte < 0x10 ? "0" : "") + String(byte, radix: 16)
    }
}
