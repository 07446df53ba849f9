import BPF
import Glibc
import Logging

/// The program on `readline`, and the files that it is attached to: each once, whoever runs it and wherever.
///
/// Belongs to one thread at a time.
final class ShellProbe {
    private let object: any LoadedObservation
    /// Nil: by links of the kernel's own.
    private let attacher: UprobeAttacher?
    private let logger: Logger
    private var links: [LinkBox] = []
    /// What was looked at, so that no file is read twice.
    private var known: [FileIdentity: ReadlineUse] = [:]
    /// Why the last file that was refused was.
    private(set) var refused: BPFError?

    private final class LinkBox {
        private let link: BPFUprobeLink

        init(_ link: consuming BPFUprobeLink) { self.link = link }
    }

    /// More files than a machine has programs; beyond, some are read again.
    private static let limit = 1 << 16

    init(_ object: any LoadedObservation, attacher: UprobeAttacher?, logger: Logger) {
        self.object = object
        self.attacher = attacher
        self.logger = logger
    }

    private static let linkLimit = 256
    /// Whether files were left out.
    private var isFull = false

    /// How many files are watched.
    var count: Int { links.count }

    /// Looks into a file if it is a new one, and attaches the program when `readline` is in it.
    func look(at file: borrowing RegularFile, called path: String) -> ReadlineUse {
        if let use = known[file.identity] { return use }
        if known.count >= Self.limit { known = known.filter { if case .defines = $0.value { true } else { false } } }
        let use = (try? ELFFile(descriptor: file.descriptor)).map { ReadlineUse.of($0) } ?? .none
        known[file.identity] = use
        guard case .defines(let offset) = use else { return use }
        // Each holds a descriptor and its file: whoever makes copies of bash must not use up ours.
        guard links.count < Self.linkLimit else {
            if !isFull {
                logger.warning(
                    "shells: \(Self.linkLimit) files with readline are watched; others are not, from \(path) on"
                )
            }
            isFull = true
            return use
        }
        do {
            let link =
                if let attacher {
                    try BPFUprobeLink.event(object.program, onReturnAt: offset, of: file.descriptor, by: attacher)
                } else {
                    try BPFUprobeLink.multi(object.program, onReturnAt: offset, of: file.descriptor)
                }
            links.append(LinkBox(link))
            logger.debug(
                "shells: watching readline of \(path), by \(attacher == nil ? "uprobe.multi" : "the attacher")"
            )
        } catch {
            // One sentence for all files that are refused alike.
            if error != refused { logger.warning("shells: lines typed into \(path) are not seen: \(error)") }
            refused = error
        }
        return use
    }

    /// Takes the program off all files.
    func detach() { links = [] }
}
