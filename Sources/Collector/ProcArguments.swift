import CWire
import Glibc

/// Arguments of processes that ran before the agent, for kernels that cannot tell them. Only at start, and marked.
package enum ProcArguments {
    /// How many bytes are kept.
    package static let limit = 8192

    /// Appends `/proc/PID/cmdline` to a snapshot record, if that is still the same process.
    package static func add(to record: inout [UInt8]) {
        let (tgid, start) = record.withUnsafeBytes { bytes in
            let header = bytes.loadUnaligned(as: mt_header.self)
            return (header.tgid, header.start)
        }
        // One byte more than is kept tells that there is more.
        guard var arguments = read("/proc/\(tgid)/cmdline", limit: limit + 1), !arguments.isEmpty, isSame(tgid, start)
        else { return }
        let isTruncated = arguments.count > limit
        if isTruncated { arguments.removeLast() }
        let offset = UInt32(record.count)
        record += arguments
        record.withUnsafeMutableBytes { bytes in
            var process = bytes.loadUnaligned(as: mt_process.self)
            process.header.length = UInt32(bytes.count)
            process.args = mt_str(offset: offset, length: UInt32(arguments.count))
            process.marks |= UInt32(
                isTruncated ? MT_PROCESS_FROM_PROC | MT_PROCESS_ARGS_TRUNCATED : MT_PROCESS_FROM_PROC
            )
            bytes.storeBytes(of: process, as: mt_process.self)
        }
    }

    /// `/proc/PID/stat` counts the start in ticks of the boot clock.
    private static func isSame(_ tgid: UInt32, _ start: UInt64) -> Bool {
        guard let stat = read("/proc/\(tgid)/stat", limit: 1024), let end = stat.lastIndex(of: UInt8(ascii: ")")) else {
            return false
        }
        let fields = stat[(end + 1)...].split(separator: UInt8(ascii: " "))
        guard fields.count > 19, let ticks = UInt64(String(decoding: fields[19], as: UTF8.self)) else { return false }
        let tick = 1_000_000_000 / UInt64(sysconf(Int32(_SC_CLK_TCK)))
        return start / tick == ticks
    }

    private static func read(_ path: String, limit: Int) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = Glibc.read(file, &bytes, limit)
        return count < 0 ? nil : Array(bytes.prefix(count))
    }
}
