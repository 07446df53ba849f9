import BPF
import CWire
import Glibc
import Model

/// The build ids of files that are mapped, read from the files; each file is read once.
package struct BuildIDs {
    private struct Key: Hashable {
        let device: UInt32
        let inode: UInt64
        let path: [UInt8]
    }

    private var known: [Key: [UInt8]] = [:]
    /// When there are more, all are forgotten.
    private static let limit = 4096

    /// Nothing was read yet.
    package init() {}

    /// A record of a mapped file, with the file's build id behind it; nil: it has none, or is not to be found.
    ///
    /// Costs some system calls for a file that was not seen before.
    package mutating func added(to bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        guard let record = try? Record(bytes), record.kind == .loader else { return nil }
        guard let file = Call(record).shown(.argument).compactMap(\.value.callPath).first else { return nil }
        let key = Key(device: file.file.device, inode: file.file.inode, path: Array(file.text))
        if known.count > Self.limit { known.removeAll() }
        // What could not be opened now may be there the next time.
        guard let id = known[key] ?? Self.read(key.path, file.file, of: record.header.tgid) else { return nil }
        known[key] = id
        return id.isEmpty ? nil : Self.appended(id, to: bytes)
    }

    /// By way of the process, whose root it may lie below; else as the agent sees it. Empty: it has none; nil: it is not there.
    private static func read(_ path: [UInt8], _ file: mt_file, of process: UInt32) -> [UInt8]? {
        for way in [Array("/proc/\(process)/root".utf8) + path, path] {
            // Whoever can put another file there must not have the agent wait for it.
            let descriptor = open(way.map { CChar(bitPattern: $0) } + [0], O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            defer { close(descriptor) }
            guard isSame(descriptor, file) else { continue }
            return (try? ELFFile(descriptor: descriptor).buildID()) ?? []
        }
        return nil
    }

    /// An overlay's files have other numbers for programs than in the kernel.
    private static func isSame(_ descriptor: Int32, _ file: mt_file) -> Bool {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
        return status.st_ino == file.inode || file.magic == overlay
    }

    /// OVERLAYFS_SUPER_MAGIC of linux/magic.h.
    private static let overlay: UInt32 = 0x794c_7630

    private static func appended(_ id: [UInt8], to bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        var item = mt_item()
        item.type = UInt16(MT_ITEM_BUILD_ID.rawValue)
        item.length = UInt32(id.count)
        let padding = [UInt8](repeating: 0, count: -id.count & 7)
        let added = withUnsafeBytes(of: item) { Array($0) } + id + padding
        var call = bytes.loadUnaligned(as: mt_call.self)
        // What the policy says of itself ends the record.
        guard Int(call.about.offset) + Int(call.about.length) == bytes.count else { return nil }
        call.about.length += UInt32(added.count)
        call.header.length += UInt32(added.count)
        return withUnsafeBytes(of: call) { Array($0) } + bytes[MemoryLayout<mt_call>.size...] + added
    }
}
