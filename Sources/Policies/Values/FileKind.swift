/// What a file is, as its mode tells it.
package enum FileKind: UInt16, Sendable, CaseIterable {
    case socket = 0o140000
    case symbolicLink = 0o120000
    case regular = 0o100000
    case block = 0o060000
    case directory = 0o040000
    case character = 0o020000
    case fifo = 0o010000

    /// The names that policies have for them.
    package static let names: [String: FileKind] = [
        "sock": .socket, "socket": .socket, "lnk": .symbolicLink, "link": .symbolicLink, "reg": .regular,
        "regular": .regular, "blk": .block, "block": .block, "dir": .directory, "chr": .character, "char": .character,
        "fifo": .fifo, "pipe": .fifo,
    ]
}
