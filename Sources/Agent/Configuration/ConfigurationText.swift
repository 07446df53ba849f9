extension Configuration {
    /// A file that says the same, with where each key was set; what was not set stands in comments.
    package var text: String {
        ConfigurationKey.all.map { key in
            if let setting = settings[key.name] {
                return "\(key.name): \(Self.value(setting))  # \(setting.place)\n"
            }
            return key.standard.isEmpty ? "# \(key.name):\n" : "# \(key.name): \(key.standardValue)\n"
        }.joined()
    }

    private static func value(_ setting: ConfigurationSetting) -> String {
        let texts = setting.texts.map { YAMLText.quoted($0.text) }
        return setting.key.isList ? "[\(texts.joined(separator: ", "))]" : texts.first ?? "\"\""
    }
}

extension ConfigurationKey {
    /// The standard as a file would have it.
    var standardValue: String { isList ? "[\(standard)]" : standard }
}

/// Texts as YAML has them.
enum YAMLText {
    /// As it is where that cannot be misread, otherwise in quotes as JSON has them, which YAML takes too.
    static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
        if isPlain, !text.isEmpty, !text.hasPrefix("-"), text.lowercased() != "null" { return text }
        return jsonQuoted(text)
    }

    /// For one line of an error.
    static func visible(_ text: String) -> String { String(jsonQuoted(text).dropFirst().dropLast()) }

    static func jsonQuoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _
            where scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) || scalar.value == 0x2028
                || scalar.value == 0x2029:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
