/// A small ELF file, well made, for tests to damage.
struct ELFImage {
    var bytes = [UInt8](repeating: 0, count: 64)

    static let function = (address: UInt64(0x401234), offset: UInt64(0x1234))

    /// A library or program with one executable segment, a function, a variable, and the libraries that it needs.
    init(function: String = "readline", variable: String = "rl_readline_version", needs: [String] = ["libc.so.6"]) {
        var strings: [UInt8] = [0]
        func add(_ text: String) -> Int {
            defer { strings += Array(text.utf8) + [0] }
            return strings.count
        }
        let names = (add(function), add(variable))
        let libraries = needs.map { add($0) }
        var symbols = [UInt8](repeating: 0, count: 3 * 24)
        Self.put(names.0, 4, at: 24, &symbols)
        symbols[28] = 0x12  // global function
        Self.put(1, 2, at: 30, &symbols)
        Self.put(Int(Self.function.address), 8, at: 32, &symbols)
        Self.put(names.1, 4, at: 48, &symbols)
        symbols[52] = 0x11
        Self.put(1, 2, at: 54, &symbols)
        var dynamic: [UInt8] = []
        for (tag, value) in libraries.map({ (1, $0) }) + [(0, 0)] {
            var entry = [UInt8](repeating: 0, count: 16)
            Self.put(tag, 8, at: 0, &entry)
            Self.put(value, 8, at: 8, &entry)
            dynamic += entry
        }
        let segment = bytes.count
        bytes += [UInt8](repeating: 0, count: 56)
        for (value, size, at) in [(1, 4, 0), (5, 4, 4), (0x400000, 8, 16), (0x10000, 8, 32), (0x10000, 8, 40)] {
            Self.put(value, size, at: segment + at, &bytes)
        }
        let places = [symbols, strings, dynamic].map { part in
            defer { bytes += part }
            return (bytes.count, part.count)
        }
        let table = bytes.count
        // none, dynamic symbols, their strings, dynamic
        for (type, link, place) in [(0, 0, (0, 0)), (11, 2, places[0]), (3, 0, places[1]), (6, 2, places[2])] {
            var section = [UInt8](repeating: 0, count: 64)
            Self.put(type, 4, at: 4, &section)
            Self.put(place.0, 8, at: 24, &section)
            Self.put(place.1, 8, at: 32, &section)
            Self.put(link, 4, at: 40, &section)
            bytes += section
        }
        #if arch(arm64)
            let machine = 183
        #else
            let machine = 62
        #endif
        bytes.replaceSubrange(0..<7, with: [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
        for (value, size, at) in [
            (3, 2, 16), (machine, 2, 18), (segment, 8, 32), (table, 8, 40), (56, 2, 54), (1, 2, 56), (64, 2, 58),
            (4, 2, 60),
        ] { Self.put(value, size, at: at, &bytes) }
    }

    static func put(_ value: Int, _ size: Int, at: Int, _ bytes: inout [UInt8]) {
        for index in 0..<size { bytes[at + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
    }

    /// Reads it as `pread` would.
    static func reader(_ bytes: [UInt8]) -> (UInt64, Int) -> [UInt8]? {
        { offset, count in offset >= UInt64(bytes.count) ? [] : Array(bytes[Int(offset)...].prefix(count)) }
    }
}
