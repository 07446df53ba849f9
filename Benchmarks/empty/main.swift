import BPF
import Glibc

// Keeps the empty programs on their hooks until standard input ends, and says "ready" once they are.

do {
    let programs = try BPFObject(EmptySkeleton.self).load()
    let links = try EmptySkeleton.Program.allCases.map { name in AttachedProgram(try programs.program(name).attach()) }
    print("ready")
    fflush(nil)
    while getchar() != EOF {}
    withExtendedLifetime(links) {}
} catch {
    let text = "EmptyHooks: \(error)\n"
    write(STDERR_FILENO, text, text.utf8.count)
    exit(1)
}

/// A link that an array can hold.
final class AttachedProgram {
    private let link: BPFLink

    init(_ link: consuming BPFLink) { self.link = link }
}
