import Glibc

/// The machine as events name it.
package enum Machine {
    /// `NODE_NAME` from the environment, as in Kubernetes, or the host's name.
    package static let name: String = {
        if let name = getenv("NODE_NAME").map({ String(cString: $0) }), !name.isEmpty { return name }
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }()

    /// The kernel's boot id, 16 bytes; zeros where it tells none (proc(5)).
    static let bootID: [UInt8] = {
        var digits: [UInt8] = []
        if let file = fopen("/proc/sys/kernel/random/boot_id", "re") {
            defer { fclose(file) }
            while case let byte = getc(file), byte >= 0 {
                if let digit = Character(UnicodeScalar(UInt8(byte))).hexDigitValue { digits.append(UInt8(digit)) }
            }
        }
        guard digits.count == 32 else { return [UInt8](repeating: 0, count: 16) }
        return (0..<16).map { digits[2 * $0] << 4 | digits[2 * $0 + 1] }
    }()

    /// The running kernel's release.
    package static let kernel: String = {
        var names = utsname()
        uname(&names)
        return withUnsafeBytes(of: names.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }()

    /// Bytes of this process that lie in memory (proc(5), statm).
    static var residentMemory: UInt64 {
        guard let file = fopen("/proc/self/statm", "re") else { return 0 }
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var room = 0
        defer { free(line) }
        guard getline(&line, &room, file) > 0, let line else { return 0 }
        let fields = String(cString: line).split(separator: " ")
        return fields.count > 1 ? (UInt64(fields[1]) ?? 0) * UInt64(sysconf(Int32(_SC_PAGESIZE))) : 0
    }
}
