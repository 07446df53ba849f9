import Foundation
import Glibc
import Rules

/// Keeps the rules that clients add, each in a file of its own, for the next start.
struct RuleKeeper: Sendable {
    let folder: String

    /// Why a rule is not kept.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Writes a rule's file, whole or not at all.
    func keep(_ rule: Rule) throws(Failure) {
        let path = try path(of: rule.name)
        let draft = "\(path).new"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure(draft) }
        let bytes = Array(rule.text.utf8)
        let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        let isWhole = written == bytes.count && fsync(descriptor) == 0
        let error = isWhole ? nil : failure(draft)
        close(descriptor)
        if let error {
            unlink(draft)
            throw error
        }
        guard rename(draft, path) == 0 else { throw failure(path) }
    }

    /// Takes a rule's file away, if it has one.
    func forget(_ name: String) throws(Failure) {
        let path = try path(of: name)
        if unlink(path) != 0, errno != ENOENT { throw failure(path) }
    }

    /// What a name has that file names do not is written as %XX.
    private func path(of name: String) throws(Failure) -> String {
        var text = ""
        for byte in name.utf8 {
            let letter = Character(UnicodeScalar(byte))
            let isPlain = byte < 0x80 && (letter.isLetter || letter.isNumber || "-_.".contains(letter))
            let isHidden = text.isEmpty && letter == "."
            text += isPlain && !isHidden ? String(letter) : "%" + String(format: "%02X", Int(byte))
        }
        guard text.utf8.count <= 240 else {
            throw Failure(description: "the name '\(name.prefix(40))…' is too long for a file")
        }
        return "\(folder)/\(text).toml"
    }

    private func failure(_ path: String) -> Failure {
        Failure(description: "\(path) cannot be written: \(String(cString: strerror(errno)))")
    }
}
