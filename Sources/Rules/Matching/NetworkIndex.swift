import UserInput

/// Which of many networks an address is in: a look for each length of prefix that there is.
struct NetworkIndex: Sendable {
    private let table: ByteTable
    /// Of IPv4 and of IPv6.
    private let lengths: [Int]
    private let longLengths: [Int]

    init(_ networks: [AddressPrefix: [Int32]]) {
        var entries: [[UInt8]: [Int32]] = [:]
        for (network, postings) in networks { entries[Self.key(network), default: []] += postings }
        table = ByteTable(entries)
        lengths = Set(networks.keys.filter { $0.bytes.count == 4 }.map(\.length)).sorted()
        longLengths = Set(networks.keys.filter { $0.bytes.count == 16 }.map(\.length)).sorted()
    }

    var isEmpty: Bool { lengths.isEmpty && longLengths.isEmpty }

    private static func key(_ network: AddressPrefix) -> [UInt8] { network.bytes + [UInt8(network.length)] }

    /// Calls `body` for each network that holds an address of 4 or 16 bytes.
    func find(_ address: UnsafeRawBufferPointer, _ body: (Int32) -> Void) {
        if address.count == 4 { return find(address, lengths, body) }
        guard address.count == 16 else { return }
        find(address, longLengths, body)
        if AddressPrefix.isMapped(address), !lengths.isEmpty {
            find(UnsafeRawBufferPointer(rebasing: address[12...]), lengths, body)
        }
    }

    private func find(_ address: UnsafeRawBufferPointer, _ lengths: [Int], _ body: (Int32) -> Void) {
        for length in lengths {
            let byte = { (index: Int) -> UInt8 in
                if index == address.count { return UInt8(length) }
                let kept = min(max(length - index * 8, 0), 8)
                return address[index] & UInt8(truncatingIfNeeded: 0xff00 >> kept)
            }
            var hash = ByteTable.emptyHash
            for index in 0...address.count { hash = ByteTable.hash(hash, byte(index)) }
            table.find(hash, count: address.count + 1, byte, body)
        }
    }
}
