/// The functions of a kernel, as `/proc/kallsyms` tells them.
package struct KernelSymbols: Sendable {
    /// What is known of a name.
    package struct Symbol: Sendable, Equatable {
        /// How many functions are called so.
        package var count: Int
        /// The module that has the first of them; nil: the kernel itself.
        package let module: String?
    }

    private var symbols: [String: Symbol] = [:]

    /// Reads lines such as `ffffffff81000000 T name [module]`; those of data are left out.
    package init(kallsyms bytes: [UInt8]) {
        symbols.reserveCapacity(bytes.count / 48)
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let words = line.split(maxSplits: 3) { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            guard words.count >= 3, words[1].count == 1, let kind = words[1].first, Self.isOfText(kind) else {
                continue
            }
            let module =
                words.count == 4 ? words[3].drop { $0 == UInt8(ascii: "[") }.prefix { $0 != UInt8(ascii: "]") } : nil
            add(String(decoding: words[2], as: UTF8.self), module.map { String(decoding: $0, as: UTF8.self) })
        }
    }

    /// What is known of a name; nil where no function is called so.
    package subscript(_ name: String) -> Symbol? { symbols[name] }

    /// Whether nothing is known: who may not see symbols sees an empty file.
    package var isEmpty: Bool { symbols.isEmpty }

    /// The names, in no order.
    package var names: [String] { Array(symbols.keys) }

    /// What the compiler left of a function that it took apart: `name.isra.0`, `name.constprop.0`.
    package func parts(of name: String) -> [String] {
        symbols.keys.filter { $0.hasPrefix(name) && $0.dropFirst(name.count).first == "." }.sorted()
    }

    private mutating func add(_ name: String, _ module: String?) {
        symbols[name, default: Symbol(count: 0, module: module)].count += 1
    }

    /// `t`, `T`, and `w`, `W` of those that another one may replace.
    private static func isOfText(_ kind: UInt8) -> Bool {
        let small = kind | 0x20
        return small == UInt8(ascii: "t") || small == UInt8(ascii: "w")
    }
}
