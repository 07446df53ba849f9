import BPF
import CWire

/// What the running kernel calls its reasons to drop a packet.
enum DropReasons {
    private static let prefix = "SKB_DROP_REASON_"
    /// As many as the program has room for.
    private static let limit = UInt32(MT_DROP_REASONS)

    /// Names by number, as far as there is room for them; none before Linux 5.17.
    static func ofKernel() throws(BPFError) -> [(number: UInt32, name: String)] {
        var names: [(number: UInt32, name: String)] = []
        for (name, value) in try KernelTypes().enumerators("skb_drop_reason") ?? [] {
            guard name.hasPrefix(prefix), let number = UInt32(exactly: value), number < limit else { continue }
            names.append((number, String(name.dropFirst(prefix.count))))
        }
        return names
    }
}
