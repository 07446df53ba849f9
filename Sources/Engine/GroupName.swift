import Glibc

/// A group by name or number.
package struct GroupName: Sendable, Equatable {
    package let id: UInt32

    package init?(_ text: String) {
        guard let id = UInt32(text) ?? AccountFile.id(of: text, in: "/etc/group") else { return nil }
        self.id = id
    }
}

/// Files of accounts, read by ourselves: a static binary cannot load the libraries that know other sources.
enum AccountFile {
    /// The number of a user or group: the third field of the line whose first is its name (passwd(5), group(5)).
    static func id(of name: String, in path: String) -> UInt32? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var room = 0
        defer { free(line) }
        while getline(&line, &room, file) > 0, let line {
            let fields = String(cString: line).split(separator: ":", omittingEmptySubsequences: false)
            if fields.count > 2, fields[0] == name { return UInt32(fields[2]) }
        }
        return nil
    }
}
