import CLibBPF
import Foundation
import Glibc

/// Files and sockets that the calls of the matrix work on.
final class MatrixPlaces {
    let folder: TemporaryFolder
    /// Two files and a folder.
    let files: [String]
    /// The same, from the root of their file system.
    let entries: [String]
    /// Programs.
    let programs: [String]
    let workload: String
    /// A program of the kernel, which is there as long as this is: others may go at any time.
    let programID: UInt32
    private let program: Int32

    init() throws {
        folder = try TemporaryFolder()
        let base = Machine.resolved(folder(""))
        files = ["\(base)/wanted.txt", "\(base)/other.log", "\(base)/other.dir"]
        for file in files.prefix(2) { try Data("text".utf8).write(to: URL(filePath: file)) }
        try FileManager.default.createDirectory(atPath: files[2], withIntermediateDirectories: false)
        programs = ["\(base)/first.bin", "\(base)/second.out", "\(base)/second.bin"]
        for program in programs {
            try FileManager.default.copyItem(atPath: Machine.resolved("/bin/true"), toPath: program)
        }
        workload = Machine.resolved(try Products.workload())
        let root = Self.root(of: base)
        entries = files.map { root == "/" ? $0 : String($0.dropFirst(root.count)) }
        // r0 = 0; exit
        let instructions: [UInt64] = [0xb7, 0x95]
        let program = instructions.withUnsafeBytes { bytes in
            bpf_prog_load(
                BPF_PROG_TYPE_SOCKET_FILTER,
                nil,
                "GPL",
                bytes.assumingMemoryBound(to: bpf_insn.self).baseAddress,
                2,
                nil
            )
        }
        self.program = program
        var information = bpf_prog_info()
        var length = UInt32(MemoryLayout<bpf_prog_info>.size)
        // The kernel's is younger, and it says that there is more: what is known here is filled all the same.
        programID = bpf_obj_get_info_by_fd(program, &information, &length) == 0 ? information.id : 0
    }

    deinit { close(program) }

    var base: String { String(files[0].dropLast("/wanted.txt".count)) }
    var entryBase: String { String(entries[0].dropLast("/wanted.txt".count)) }

    /// Where the file system of a folder is mounted.
    private static func root(of path: String) -> String {
        func device(_ path: String) -> UInt {
            var status = stat()
            return stat(path, &status) == 0 ? status.st_dev : 0
        }
        var path = URL(filePath: path)
        while path.path != "/", device(path.path) == device(path.deletingLastPathComponent().path) {
            path.deleteLastPathComponent()
        }
        return path.path
    }

    // Steps of calls.

    func open(_ path: String) -> [[String]] { [["openat", "-100", "s:\(path)", "0"], ["close", "r:0"]] }

    /// Opens, does something with the descriptor, closes.
    func open(_ path: String, then step: [String], flags: Int32 = O_RDONLY) -> [[String]] {
        [["openat", "-100", "s:\(path)", "\(flags)"], step, ["close", "r:0"]]
    }

    /// struct sockaddr_in or sockaddr_in6, as hexadecimal digits.
    static func address(_ address: String, _ port: Int) -> String {
        let digits = String(port, radix: 16)
        let port = String(repeating: "0", count: 4 - digits.count) + digits
        guard address == "::1" else {
            let bytes = address.split(separator: ".").map { text in
                let digits = String(Int(text) ?? 0, radix: 16)
                return digits.count == 1 ? "0\(digits)" : digits
            }
            return "b:0200\(port)\(bytes.joined())0000000000000000"
        }
        return "b:0a00\(port)00000000\(String(repeating: "00", count: 15))0100000000"
    }

    static func unixAddress(_ path: String) -> String {
        "b:0100" + path.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "00"
    }

    /// Two ends: own address and port, the other's.
    static let ends: [(from: (String, Int), to: (String, Int))] = [
        (("127.0.0.1", 41001), ("127.0.0.2", 42001)), (("127.0.0.3", 901), ("127.0.0.4", 902)),
        (("::1", 41003), ("::1", 42003)),
    ]

    private static func socket(_ address: String, _ type: Int) -> [String] {
        ["socket", address == "::1" ? "10" : "2", "\(type)", "0"]
    }

    private static func length(_ address: String) -> String { address == "::1" ? "28" : "16" }

    /// Binds and connects; over TCP nobody answers.
    static func connects(_ type: Int) -> [[[String]]] {
        ends.map { from, to in
            [
                socket(from.0, type), ["bind", "r:0", address(from.0, from.1), length(from.0)],
                ["connect", "r:0", address(to.0, to.1), length(to.0)], ["close", "r:0"],
            ]
        }
    }

    /// One datagram from each first end to the second.
    static var datagrams: [[[String]]] {
        ends.map { from, to in
            [
                socket(from.0, 2), socket(to.0, 2), ["bind", "r:0", address(from.0, from.1), length(from.0)],
                ["bind", "r:1", address(to.0, to.1), length(to.0)],
                ["connect", "r:0", address(to.0, to.1), length(to.0)],
                ["connect", "r:1", address(from.0, from.1), length(from.0)], ["write", "r:0", "s:hello", "5"],
                ["close", "r:0"], ["close", "r:1"],
            ]
        }
    }
}
