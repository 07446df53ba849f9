import CWire
import FilterReference
import Filters
import Probes

/// The lookups of `lib/filter.h` on a hook's image, in Swift.
struct ImageEngine {
    private let design: HookDesign
    private var tables: [Int: [HookImage.Table]] = [:]

    init(_ design: HookDesign) {
        self.design = design
        for table in design.image.tables { tables[table.plane, default: []].append(table) }
    }

    /// The rows that are left after all planes, in their order.
    ///
    /// - Parameter seen: by the number of the source.
    func rows(_ seen: [UInt16: SeenValue]) -> [Int] {
        let words = design.shape.words
        var alive = Array(design.image.words[..<words])
        for (number, plane) in design.shape.planes.enumerated() {
            let hits = hits(number, plane, seen[plane.source], words)
            let absent = design.image.words[((2 + 2 * number) * words)...]
            let negated = design.image.words[((3 + 2 * number) * words)...]
            for word in 0..<words {
                let satisfied =
                    (hits[word] ^ negated[negated.startIndex + word]) | absent[absent.startIndex + word]
                alive[word] &= satisfied
            }
        }
        return design.image.rows.indices.filter { alive[$0 >> 6] >> UInt64($0 & 63) & 1 == 1 }
    }

    private func hits(_ number: Int, _ plane: mt_plane, _ value: SeenValue?, _ words: Int) -> [UInt64] {
        var hits = [UInt64](repeating: 0, count: words)
        func add(_ rows: [UInt64]?) {
            for (word, bits) in (rows ?? []).enumerated() { hits[word] |= bits }
        }
        switch value {
        case nil: break
        case .number(let value): for rows in self.rows(number, plane, value) { add(rows) }
        case .numbers(let list): for value in list { for rows in self.rows(number, plane, value) { add(rows) } }
        case .text(let text): add(rows(number, plane, text))
        case .texts(let list): for text in list { add(rows(number, plane, text)) }
        case .address(let bytes):
            add(longest(table(number, bytes.count == 4 ? .addresses4 : .addresses6), bytes))
        }
        return hits
    }

    private func rows(_ number: Int, _ plane: mt_plane, _ value: UInt64) -> [[UInt64]] {
        switch mt_lookup(UInt32(plane.lookup)) {
        case MT_LOOKUP_NUMBER: return [exact(table(number, .numbers), bytes(value))].compactMap(\.self)
        case MT_LOOKUP_BITS:
            return (0..<64).filter { value >> UInt64($0) & 1 == 1 }.compactMap {
                exact(table(number, .bits), bytes(UInt32($0)))
            }
        default:
            let flip: UInt64 = plane.flags & UInt8(MT_PLANE_SIGNED) != 0 ? 1 << 63 : 0
            return [longest(table(number, .ranges), bytes((value ^ flip).bigEndian))].compactMap(\.self)
        }
    }

    private func rows(_ number: Int, _ plane: mt_plane, _ text: [UInt8]) -> [UInt64]? {
        switch mt_lookup(UInt32(plane.lookup)) {
        case MT_LOOKUP_PREFIX: return longest(table(number, .affixes), Array(text.prefix(Int(MT_AFFIX_MAX))))
        case MT_LOOKUP_POSTFIX:
            return longest(table(number, .affixes), text.suffix(Int(MT_AFFIX_MAX)).reversed())
        default:
            let capacities = HookImage.Table.Kind.textCapacities
            guard let size = capacities.firstIndex(where: { text.count <= $0 }), plane.maps >> UInt16(size) & 1 == 1
            else { return nil }
            let zeroes = [UInt8](repeating: 0, count: capacities[size] - text.count)
            return exact(table(number, .texts(size)), bytes(UInt64(text.count)) + text + zeroes)
        }
    }

    private func table(_ plane: Int, _ kind: HookImage.Table.Kind) -> HookImage.Table? {
        tables[plane]?.first { $0.kind == kind }
    }

    private func bytes(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }

    private func exact(_ table: HookImage.Table?, _ key: [UInt8]) -> [UInt64]? {
        table?.entries.first { $0.key == key }?.rows
    }

    private static func bit(_ index: Int, of bytes: [UInt8]) -> UInt8 { bytes[index / 8] >> UInt8(7 - index % 8) & 1 }

    /// What a longest prefix map finds.
    private func longest(_ table: HookImage.Table?, _ bytes: [UInt8]) -> [UInt64]? {
        var best: (bits: Int, rows: [UInt64])?
        for entry in table?.entries ?? [] {
            let bits = entry.key.withUnsafeBytes { Int($0.loadUnaligned(as: UInt32.self)) }
            guard bits <= 8 * bytes.count, bits > best?.bits ?? -1 else { continue }
            let prefix = Array(entry.key.dropFirst(4))
            let isSame = (0..<bits).allSatisfy { Self.bit($0, of: prefix) == Self.bit($0, of: bytes) }
            if isSame { best = (bits, entry.rows) }
        }
        return best?.rows
    }
}
