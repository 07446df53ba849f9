import Glibc

/// The files of a configuration: one, and the folder `conf.d` beside it.
package struct ConfigurationFiles: Sendable {
    package static let standardPath = "/etc/martlet/martlet.yaml"

    private let main: String
    private let isRequired: Bool
    /// Whether it may be a pipe: once.
    private let mayBePipe: Bool
    private let wasFound: Bool
    /// What a file may hold; no configuration comes near.
    private static let limit = 1 << 20

    /// - Parameter path: nil: the usual one, which need not be there.
    package init(path: String? = nil) {
        self.init(main: path ?? Self.standardPath, isRequired: path != nil, mayBePipe: path != nil)
    }

    private init(main: String, isRequired: Bool, mayBePipe: Bool) {
        self.main = main
        self.isRequired = isRequired
        self.mayBePipe = mayBePipe
        wasFound = access(main, F_OK) == 0
    }

    /// The same files, to be read by who has read them once: what was there then must be there.
    var again: ConfigurationFiles {
        ConfigurationFiles(main: main, isRequired: isRequired || wasFound, mayBePipe: false)
    }

    /// The file, if it is there.
    package var found: String? { wasFound ? main : nil }

    private var folder: String {
        main.lastIndex(of: "/").map { String(main[...$0]) + "conf.d" } ?? "conf.d"
    }

    /// What they say, from the first that counts to the last; which is the file, then those of the folder by name.
    func settings(_ problems: inout [ConfigurationProblem]) -> [ConfigurationSetting] {
        var settings: [ConfigurationSetting] = []
        if let text = Self.text(main, isRequired: isRequired, isNamed: mayBePipe, &problems) {
            settings += YAMLSettings.read(text, from: main, &problems)
        }
        for name in names(&problems) {
            let path = "\(folder)/\(name)"
            if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
                if let text = Self.text(path, isRequired: true, &problems) {
                    settings += YAMLSettings.read(text, from: path, &problems)
                }
            } else if let key = ConfigurationSetting.key(name, at: ConfigurationPlace(path), &problems),
                let text = Self.text(path, isRequired: true, &problems)
            {
                settings.append(Self.setting(key, text, ConfigurationPlace(path)))
            }
        }
        return settings
    }

    /// A value as a file of its own or a variable holds it: of a list, with commas or lines between.
    static func setting(_ key: ConfigurationKey, _ text: String, _ place: ConfigurationPlace) -> ConfigurationSetting {
        let texts =
            key.isList
            ? text.split { $0 == "," || $0.isNewline }.map(trimmed).filter { !$0.isEmpty } : [trimmed(text[...])]
        return ConfigurationSetting(key: key, texts: texts.map { .init(text: $0, place: place) }, place: place)
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace ?? false { text.removeLast() }
        return String(text)
    }

    /// The files of the folder. Hidden ones are not meant: Kubernetes keeps the versions of a mounted folder in such.
    private func names(_ problems: inout [ConfigurationProblem]) -> [String] {
        guard let directory = opendir(folder) else {
            if errno != ENOENT { problems.append(Self.unreadable(folder, errno)) }
            return []
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            // No key has a dot in it: what package managers and editors leave behind is passed over.
            if name.hasSuffix(".yaml") || name.hasSuffix(".yml") || !name.contains("."), !name.hasPrefix("."),
                !name.hasSuffix("~")
            {
                names.append(name)
            }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private static func text(
        _ path: String,
        isRequired: Bool,
        isNamed: Bool = false,
        _ problems: inout [ConfigurationProblem]
    ) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if isRequired || errno != ENOENT { problems.append(unreadable(path, errno)) }
            return nil
        }
        defer { close(descriptor) }
        var information = stat()
        fstat(descriptor, &information)
        // A pipe that a shell made is fine where one file was named; a folder's would be waited for.
        switch information.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFIFO where isNamed: _ = fcntl(descriptor, F_SETFL, 0)
        default:
            problems.append(ConfigurationProblem(ConfigurationPlace(path), "is no regular file"))
            return nil
        }
        var bytes: [UInt8] = []
        while bytes.count <= limit {
            var failure: Int32 = 0
            let piece = [UInt8](unsafeUninitializedCapacity: 1 << 16) { area, count in
                let result = read(descriptor, area.baseAddress, area.count)
                if result < 0 { failure = errno }
                count = max(0, result)
            }
            if failure == EINTR { continue }
            if failure != 0 {
                problems.append(unreadable(path, failure))
                return nil
            }
            if piece.isEmpty { break }
            bytes += piece
        }
        guard bytes.count <= limit else {
            problems.append(
                ConfigurationProblem(ConfigurationPlace(path), "larger than 1 MiB: this is no configuration")
            )
            return nil
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let line = 1 + (firstWrong(bytes).map { bytes[..<$0].count { $0 == UInt8(ascii: "\n") } } ?? 0)
            problems.append(ConfigurationProblem(ConfigurationPlace(path, line: line), "no UTF-8"))
            return nil
        }
        // A byte order mark, as some editors write it, is no part of what follows.
        return text.unicodeScalars.first == "\u{feff}" ? String(text.unicodeScalars.dropFirst()) : text
    }

    /// Where the text stops to be UTF-8.
    private static func firstWrong(_ bytes: [UInt8]) -> Int? {
        var start = 0
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if String(validating: line, as: UTF8.self) == nil { return start }
            start += line.count + 1
        }
        return nil
    }

    private static func unreadable(_ path: String, _ error: Int32) -> ConfigurationProblem {
        ConfigurationProblem(ConfigurationPlace(path), "cannot be read: \(String(cString: strerror(error)))")
    }
}
