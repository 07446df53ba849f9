import Foundation

/// One line of JSON output.
struct Event {
    /// The key that holds the event, such as `process_exec`.
    let kind: String
    /// What that key holds.
    let body: [String: Any]
    /// RFC 3339, UTC.
    let time: String

    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    init(_ line: some Collection<UInt8>) throws {
        let parsed = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
        guard let parsed, let time = parsed["time"] as? String,
            let found = parsed.first(where: { $0.value is [String: Any] }), let body = found.value as? [String: Any]
        else {
            throw Malformed(description: "no event: \(String(decoding: line, as: UTF8.self))")
        }
        kind = found.key
        self.body = body
        self.time = time
    }

    /// The value at a dotted path, such as `process.ns.mnt.inum`.
    private func value(_ path: String) -> Any? {
        path.split(separator: ".").reduce(body as Any?) { ($0 as? [String: Any])?[String($1)] }
    }

    func text(_ path: String) -> String? { value(path) as? String }

    func number(_ path: String) -> Int? { (value(path) as? NSNumber)?.intValue }

    func flag(_ path: String) -> Bool? { (value(path) as? NSNumber)?.boolValue }

    /// Empty lists are left out of events.
    func list(_ path: String) -> [String] { value(path) as? [String] ?? [] }

    func objects(_ path: String) -> [[String: Any]] { value(path) as? [[String: Any]] ?? [] }

    func has(_ path: String) -> Bool { value(path) != nil }

    var pid: Int { number("process.pid") ?? 0 }

    var parentPid: Int { number("parent.pid") ?? 0 }

    /// The words of Tetragon's flags.
    var flags: Set<Substring> { Set((text("process.flags") ?? "").split(separator: " ")) }
}
