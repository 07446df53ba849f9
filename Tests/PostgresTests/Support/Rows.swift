import Glibc
import PostgresLink

/// Rows as COPY takes them.
struct Rows {
    private(set) var bytes: [UInt8] = []

    /// The day of this machine, which is the server's.
    static var today: Int32 { Int32(time(nil) / 86400) }

    /// Rows of opens, at one day, each with its number as sequence.
    static func opens(_ count: Int, day: Int32 = today, path: String = "/etc/hostname") -> [UInt8] {
        var rows = Rows()
        for number in 0..<count { rows.addEvent(number, day: day, path: path) }
        return rows.bytes
    }

    /// A row of `events`.
    mutating func addEvent(
        _ number: Int,
        day: Int32 = today,
        kind: String = "open",
        path: String? = "/etc/hostname",
        exec: String = "exec-1",
        uid: Int64 = 0,
        source: [UInt8]? = nil,
        container: String? = nil,
        program: String = "/usr/bin/cat",
        detail: String = #"{"operation":"openat","result":3}"#
    ) {
        add(Int16(22))
        field((Int64(day) - 10957) * 86_400_000_000 + Int64(number % 86_000_000))
        field(kind)
        field("vm")
        field([UInt8](repeating: 7, count: 16))
        field(Int64(1))
        field(Int32(0))
        field(Int64(number))
        field(Int64(4711))
        field(Int64(4711))
        field(uid)
        field(exec)
        null()
        field(program)
        if let container { field(container) } else { null() }
        null()
        if let path { field(path) } else { null() }
        if let source { field(inet(source)) } else { null() }
        if source != nil { field(Int32(40000)) } else { null() }
        if let source { field(inet(source)) } else { null() }
        if source != nil { field(Int32(443)) } else { null() }
        null()
        field([1] + Array(detail.utf8))
    }

    /// A row of `executions`.
    mutating func addExecution(
        _ exec: String,
        day: Int32 = today,
        process: String = #"{"arguments":"/etc/hostname","cwd":"/","uid":0}"#,
        detail: String? = nil,
        container: String? = nil,
        parent: String? = nil
    ) {
        add(Int16(11))
        field(Int32(day - 10957))
        field(exec)
        if let parent { field(parent) } else { null() }
        field("vm")
        field(Int64(4711))
        field((Int64(day) - 10957) * 86_400_000_000)
        field("/usr/bin/cat")
        if let container { field(container) } else { null() }
        null()
        field([1] + Array(process.utf8))
        if let detail { field([1] + Array(detail.utf8)) } else { null() }
    }

    /// Lines of text rows.
    static func text(_ rows: [[String?]]) -> [UInt8] {
        Array(rows.map { $0.map { $0 ?? "\\N" }.joined(separator: "\t") + "\n" }.joined().utf8)
    }

    private func inet(_ address: [UInt8]) -> [UInt8] {
        // Families as PostgreSQL numbers them; all bits; no CIDR.
        [address.count == 4 ? 2 : 3, UInt8(address.count * 8), 0, UInt8(address.count)] + address
    }

    private mutating func add(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.bigEndian) { bytes += $0 }
    }

    private mutating func field(_ number: some FixedWidthInteger) {
        add(Int32(number.bitWidth / 8))
        add(number)
    }

    private mutating func field(_ text: String) { field(Array(text.utf8)) }

    private mutating func field(_ value: [UInt8]) {
        add(Int32(value.count))
        bytes += value
    }

    private mutating func null() { add(Int32(-1)) }
}
