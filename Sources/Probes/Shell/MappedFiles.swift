import Glibc

/// The executable files that a process has mapped, as /proc/PID/maps tells them.
struct MappedFiles {
    /// A part of a file in memory.
    struct Mapping: Equatable {
        /// As the file below /proc/PID/map_files is called.
        let range: String
        /// In the process' mount namespace; deleted files have a word behind it.
        let path: String
    }

    /// Reads the text of /proc/PID/maps: only what is executable and has a path.
    static func parse(_ text: String) -> [Mapping] {
        text.split(separator: "\n").compactMap { line in
            // 7f5c…-7f5c… r-xp 00001000 fe:00 393232   /usr/lib/…
            let columns = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
            guard columns.count == 6, columns[1].contains("x") else { return nil }
            let path = columns[5].drop { $0 == " " }
            return path.hasPrefix("/") ? Mapping(range: String(columns[0]), path: String(path)) : nil
        }
    }

    /// Those that are called like the readline library, of an open /proc/PID/maps, which this closes.
    static func readlineLibraries(in descriptor: Int32) throws(FileRefusal) -> [Mapping] {
        guard let file = fdopen(descriptor, "r") else {
            let error = errno
            close(descriptor)
            throw FileRefusal(errno: error)
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        // A process may map as much as it likes.
        while bytes.count < 16 << 20 {
            let read = [UInt8](unsafeUninitializedCapacity: 1 << 16) { area, count in
                count = fread(area.baseAddress, 1, area.count, file)
            }
            if read.isEmpty { break }
            bytes += read
        }
        var seen: Set<String> = []
        return parse(String(decoding: bytes, as: UTF8.self)).filter { mapping in
            ReadlineUse.isLibrary(mapping.path.split(separator: "/").last ?? "") && seen.insert(mapping.path).inserted
        }
    }
}
