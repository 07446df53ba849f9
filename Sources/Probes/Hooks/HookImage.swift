import CWire

/// All of a hook that can change while its program runs, as bytes that the kernel's maps take.
package struct HookImage: Sendable {
    /// The values of one plane of conditions, and for each the rows that ask for it, a bit each.
    package struct Table: Sendable {
        /// The kind of map.
        package enum Kind: Hashable, Sendable {
            case numbers, ranges, affixes, bits, addresses4, addresses6
            /// Control groups; it changes while it is in use.
            case groups
            /// The steps of an automaton: the next state stands before the rows.
            case substrings
            /// By size class.
            case texts(Int)
        }

        /// Which plane's.
        package let plane: Int
        package let kind: Kind
        /// Keys are as the kernel program makes them.
        package let entries: [(key: [UInt8], rows: [UInt64])]

        package init(plane: Int, kind: Kind, entries: [(key: [UInt8], rows: [UInt64])]) {
            self.plane = plane
            self.kind = kind
            self.entries = entries
        }
    }

    /// A row and what its selector says of itself.
    package struct Row: Sendable {
        package let row: mt_row
        /// Items; a multiple of 8 bytes.
        package let about: [UInt8]

        package init(_ row: mt_row, about: [UInt8]) {
            self.row = row
            self.about = about
        }
    }

    /// Which rows there are, and then, for each plane, which have no condition in it, and which must not hit.
    package let words: [UInt64]
    package let rows: [Row]
    package let tables: [Table]

    package init(words: [UInt64], rows: [Row], tables: [Table]) {
        self.words = words
        self.rows = rows
        self.tables = tables
    }
}

extension HookImage.Table.Kind {
    /// What the capacity of a size class is; as in `lib/filter.h`.
    package static let textCapacities = [24, 56, 120, 248, 504, 1016, 4096]

    /// The bytes of a key.
    var keySize: Int {
        switch self {
        case .numbers, .groups: 8
        case .ranges: 12
        case .affixes: 4 + Int(MT_AFFIX_MAX)
        case .bits, .substrings: 4
        case .addresses4: 8
        case .addresses6: 20
        case .texts(let size): 8 + Self.textCapacities[size]
        }
    }
}
