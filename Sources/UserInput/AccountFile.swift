import Glibc

/// Files of accounts, read by ourselves: a static binary cannot load the libraries that know other sources.
package enum AccountFile {
    package static let users = "/etc/passwd"
    package static let groups = "/etc/group"

    /// The fields of each line: the first is the name, the third the number (passwd(5), group(5)).
    package static func lines(_ text: String) -> [[String]] {
        text.split(separator: "\n").map { line in
            line.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        }
    }

    /// The number of a user or group.
    package static func id(of name: String, in path: String) -> UInt32? {
        lines(contents(path)).first { $0.count > 2 && $0[0] == name }.flatMap { UInt32($0[2]) }
    }

    /// The name of a user or group.
    package static func name(of id: UInt32, in path: String) -> String? {
        lines(contents(path)).first { $0.count > 2 && $0[2] == "\(id)" }?[0]
    }

    /// All of a file; nothing of one that cannot be read.
    package static func contents(_ path: String) -> String {
        guard let file = fopen(path, "re") else { return "" }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        while true {
            let piece = [UInt8](unsafeUninitializedCapacity: 1 << 16) { area, count in
                count = fread(area.baseAddress, 1, area.count, file)
            }
            if piece.isEmpty { return String(decoding: bytes, as: UTF8.self) }
            bytes += piece
        }
    }
}
