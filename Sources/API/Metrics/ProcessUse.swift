import Glibc

/// What this process takes of the machine.
package struct ProcessUse: Sendable, Equatable {
    /// Seconds.
    package var cpu = 0.0
    /// Bytes.
    package var resident: UInt64 = 0
    package var descriptors = 0
    package var descriptorLimit: UInt64 = 0
    package var threads = 0
    /// Seconds since 1970.
    package var start = 0.0

    package init() {}

    /// As of now: some 20 system calls. What cannot be read stays 0.
    package static func now() -> ProcessUse {
        var use = ProcessUse()
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        // The name, in parentheses, may hold anything: the fields begin behind the last one. proc_pid_stat(5) counts from 1.
        if let fields = text("/proc/self/stat").flatMap({ $0.split(separator: ")").last })?.split(separator: " "),
            fields.count > 21
        {
            let field = { Double(fields[$0 - 3]) ?? 0 }
            use.cpu = (field(14) + field(15)) / ticks
            use.threads = Int(field(20))
            use.resident = UInt64(field(24)) * UInt64(sysconf(Int32(_SC_PAGESIZE)))
            use.start = bootTime + field(22) / ticks
        }
        if let folder = opendir("/proc/self/fd") {
            // Neither `.` and `..`, nor the folder's own.
            use.descriptors = -3
            while readdir(folder) != nil { use.descriptors += 1 }
            closedir(folder)
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            use.descriptorLimit = UInt64(limit.rlim_cur)
        }
        return use
    }

    /// When the machine started, by the clocks as they were when somebody first asked: a clock that is set later moves nothing.
    private static let bootTime: Double = {
        let seconds = { (clock: clockid_t) in
            var time = timespec()
            clock_gettime(clock, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
        return seconds(CLOCK_REALTIME) - seconds(CLOCK_BOOTTIME)
    }()

    private static func text(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        while bytes.count < 1 << 20 {
            var piece = [UInt8](repeating: 0, count: 8192)
            let count = read(descriptor, &piece, piece.count)
            if count <= 0 { break }
            bytes += piece[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
