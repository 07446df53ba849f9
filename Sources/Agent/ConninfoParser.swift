/// Reads what names a database as libpq does.
enum ConninfoParser {
    /// Keywords with their values; nil where something of it cannot be read, or could be read in two ways.
    static func values(_ text: String) -> [String: String]? {
        // It would end there for libpq, and a control character begins another line of a log.
        guard !text.utf8.contains(where: { $0 < 0x20 && !isBlank($0) || $0 == 0x7f }) else { return nil }
        let values: [String: String]?
        if let scheme = schemes.first(where: { text.hasPrefix($0) }) {
            values = uri(Array(text.utf8.dropFirst(scheme.utf8.count)))
        } else if isName(text) {
            values = text.isEmpty ? [:] : ["dbname": text]
        } else {
            values = pairs(Array(text.utf8))
        }
        guard let values, isPort(values["port"] ?? ""),
            values.values.allSatisfy({ !$0.utf8.contains { $0 < 0x20 || $0 == 0x7f } })
        else { return nil }
        return values
    }

    /// Whether it is nothing but the name of a database.
    static func isName(_ text: String) -> Bool {
        !text.utf8.contains(UInt8(ascii: "=")) && !schemes.contains { text.hasPrefix($0) }
    }

    private static let schemes = ["postgresql://", "postgres://"]

    /// As C has it.
    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }

    private static func isKeyword(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { (0x61...0x7a).contains($0) || $0 == UInt8(ascii: "_") }
    }

    /// One for each host; a part of a password that ended early is none.
    private static func isPort(_ text: String) -> Bool {
        text.split(separator: ",").allSatisfy { port in
            port.utf8.allSatisfy { (0x30...0x39).contains($0) } && UInt16(port) != nil
        }
    }

    /// keyword = 'it\'s', with or without blanks and quotes.
    private static func pairs(_ text: [UInt8]) -> [String: String]? {
        var values: [String: String] = [:]
        var rest = text[...].drop(while: isBlank)
        while !rest.isEmpty {
            guard let equals = rest.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            var name = rest[..<equals]
            while let last = name.last, isBlank(last) { name.removeLast() }
            rest = rest[(equals + 1)...].drop(while: isBlank)
            guard let keyword = string(name), isKeyword(keyword), let value = value(&rest) else { return nil }
            values[keyword] = value
            rest = rest.drop(while: isBlank)
        }
        return values
    }

    /// Takes a value; nil where its quote does not end.
    private static func value(_ rest: inout ArraySlice<UInt8>) -> String? {
        let isQuoted = rest.first == UInt8(ascii: "'")
        if isQuoted { rest.removeFirst() }
        var value: [UInt8] = []
        while let byte = rest.first, isQuoted || !isBlank(byte) {
            rest.removeFirst()
            if isQuoted, byte == UInt8(ascii: "'") { return string(value[...]) }
            if byte != UInt8(ascii: "\\") {
                value.append(byte)
            } else if let next = rest.popFirst() {
                value.append(next)
            }
        }
        return isQuoted ? nil : string(value[...])
    }

    /// user:password@host:port,host:port/dbname?keyword=value&…, without its scheme.
    private static func uri(_ text: [UInt8]) -> [String: String]? {
        var rest = text[...]
        let authority = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
        let ats = rest.count { $0 == UInt8(ascii: "@") }
        // In a password that is not escaped, @ / ? end it early: what follows would be shown as a host.
        guard ats == 0 || ats == 1 && authority.contains(UInt8(ascii: "@")) else { return nil }
        var parts: [(String, [UInt8])] = []
        if let at = authority.firstIndex(of: UInt8(ascii: "@")) {
            let user = authority[..<at].prefix { $0 != UInt8(ascii: ":") }
            parts.append(("user", Array(user)))
            guard decoded(authority[user.endIndex..<at]) != nil else { return nil }
            rest = rest[(at + 1)...]
        }
        guard let (hosts, ports) = hosts(&rest) else { return nil }
        parts += [("host", hosts), ("port", ports)]
        if rest.first == UInt8(ascii: "/") {
            let path = rest.dropFirst().prefix { $0 != UInt8(ascii: "?") }
            parts.append(("dbname", Array(path)))
            rest = rest[path.endIndex...]
        }
        var values: [String: String] = [:]
        for (keyword, bytes) in parts where !bytes.isEmpty {
            guard let value = decoded(bytes[...]) else { return nil }
            values[keyword] = value
        }
        return query(rest.dropFirst(), over: values)
    }

    /// Takes the hosts and their ports, each with commas between.
    private static func hosts(_ rest: inout ArraySlice<UInt8>) -> (hosts: [UInt8], ports: [UInt8])? {
        var hosts: [[UInt8]] = []
        var ports: [[UInt8]] = []
        let ends = Array(":/?,".utf8)
        repeat {
            if !hosts.isEmpty { rest.removeFirst() }
            if rest.first == UInt8(ascii: "[") {
                let address = rest.dropFirst().prefix { $0 != UInt8(ascii: "]") }
                guard !address.isEmpty, address.endIndex < rest.endIndex else { return nil }
                hosts.append(Array(address))
                rest = rest[(address.endIndex + 1)...]
                guard rest.first.map({ ends.contains($0) }) ?? true else { return nil }
            } else {
                let host = rest.prefix { !ends.contains($0) }
                hosts.append(Array(host))
                rest = rest[host.endIndex...]
            }
            var port = rest.prefix(0)
            if rest.first == UInt8(ascii: ":") {
                port = rest.dropFirst().prefix { !ends.dropFirst().contains($0) }
                rest = rest[port.endIndex...]
            }
            ports.append(Array(port))
        } while rest.first == UInt8(ascii: ",")
        let comma = [UInt8(ascii: ",")]
        return (Array(hosts.joined(separator: comma)), Array(ports.joined(separator: comma)))
    }

    private static func query(_ text: ArraySlice<UInt8>, over given: [String: String]) -> [String: String]? {
        var values = given
        guard !text.isEmpty else { return values }
        var parts = text.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false)
        if parts.last?.isEmpty == true { parts.removeLast() }
        for part in parts {
            let sides = part.split(separator: UInt8(ascii: "="), omittingEmptySubsequences: false)
            guard sides.count == 2, let keyword = decoded(sides[0]), isKeyword(keyword), let value = decoded(sides[1])
            else { return nil }
            values[keyword] = value
        }
        return values
    }

    /// %2F and its like; nil where two digits are missing.
    private static func decoded(_ bytes: ArraySlice<UInt8>) -> String? {
        var rest = bytes
        var result: [UInt8] = []
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                result.append(byte)
                continue
            }
            guard let high = digit(rest.popFirst()), let low = digit(rest.popFirst()) else { return nil }
            result.append(high << 4 | low)
        }
        return string(result[...])
    }

    private static func digit(_ byte: UInt8?) -> UInt8? {
        byte.flatMap { Character(UnicodeScalar($0)).hexDigitValue }.map { UInt8($0) }
    }

    private static func string(_ bytes: ArraySlice<UInt8>) -> String? { String(validating: bytes, as: UTF8.self) }
}
