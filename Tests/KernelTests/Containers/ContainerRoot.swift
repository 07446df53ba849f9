import Foundation
import Glibc
import Testing

/// A file system for containers: one static program under several names.
final class ContainerRoot: Sendable {
    /// Short: podman wants less than fifty characters, a socket a hundred.
    private let folder: String
    var path: String { folder + "/root" }

    init() throws {
        folder =
            FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            .appending(path: "mt-\(UUID().uuidString.prefix(8))").path
        for name in ["bin", "etc", "proc", "dev", "sys", "tmp"] {
            try FileManager.default.createDirectory(atPath: path + "/" + name, withIntermediateDirectories: true)
        }
        let busybox = try #require(Self.busybox, "busybox-static is needed: scripts/deps test")
        try FileManager.default.copyItem(atPath: busybox, toPath: path + "/bin/busybox")
        for name in ["sh", "true", "sleep"] {
            try FileManager.default.createSymbolicLink(atPath: path + "/bin/\(name)", withDestinationPath: "busybox")
        }
        try write("root:x:0:0:root:/:/bin/sh\n", to: "root/etc/passwd")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// The path of what an engine needs of its own, beside the root.
    func callAsFunction(_ name: String) -> String { folder + "/" + name }

    func write(_ text: String, to name: String) throws { try Data(text.utf8).write(to: URL(filePath: self(name))) }

    /// All of it as a file that engines import.
    func archive() throws -> String {
        let archive = self("root.tar")
        let outcome = try Child.run("tar", "-C", path, "-cf", archive, ".").outcome
        try #require(outcome.status == 0, "\(outcome.errors)")
        return archive
    }

    private static let busybox = Programs.find("busybox")
}

/// Programs of the machine, as root's shell finds them.
enum Programs {
    static func find(_ name: String) -> String? {
        let folders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
        return folders.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    /// The paths of these; where one is missing the test is not run, and says so.
    static func need(_ names: String...) throws -> [String] {
        try names.map { name in
            guard let path = find(name) else {
                try Test.cancel("\(name) is not installed: scripts/deps test does that")
            }
            return path
        }
    }
}

extension Programs {
    /// Where AppArmor is on, docker wants a program of its.
    static func needNoAppArmor() throws {
        let isOn = Machine.contents("/sys/module/apparmor/parameters/enabled").hasPrefix("Y")
        guard !isOn || find("apparmor_parser") != nil else {
            try Test.cancel("docker needs apparmor_parser here, or a kernel booted with apparmor=0")
        }
    }
}

/// Control groups that engines leave behind.
enum ControlGroups {
    /// Where hierarchies are mounted: one, or on machines with v1 one for each controller.
    private static let hierarchies: [String] = {
        let root = "/sys/fs/cgroup"
        if access(root + "/cgroup.controllers", F_OK) == 0 { return [root] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return names.map { "\(root)/\($0)" }
    }()

    /// Removes this group and those below, as far as nobody is in them.
    static func remove(_ path: String) {
        for hierarchy in hierarchies { removeTree(hierarchy + path) }
    }

    private static func removeTree(_ path: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] {
            var information = stat()
            guard lstat(path + "/" + name, &information) == 0, information.st_mode & S_IFMT == S_IFDIR else { continue }
            removeTree(path + "/" + name)
        }
        rmdir(path)
    }
}

extension Child {
    /// Runs a program that must succeed; what it printed.
    static func check(_ arguments: [String], environment: [String: String]? = nil) throws -> String {
        let child = try Child(arguments, environment: environment)
        let outcome = try child.wait()
        guard outcome.status == 0 else {
            throw Failure(description: "\(arguments): status \(outcome.status): \(outcome.errors)")
        }
        return outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
