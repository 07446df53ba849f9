import BPF

extension BPFIterator {
    /// Calls `body` with each record that the iterator's program writes, whole however the reads cut them.
    func readRecords(_ body: (UnsafeRawBufferPointer) -> Void) throws(BPFError) {
        let area = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 << 10, alignment: 8)
        defer { area.deallocate() }
        var held = 0
        while true {
            let count = try read(into: UnsafeMutableRawBufferPointer(rebasing: area[held...]))
            if count == 0 { return }
            held += count
            var begin = 0
            while held - begin >= 4 {
                let length = Int(area.loadUnaligned(fromByteOffset: begin, as: UInt32.self))
                guard length > 0, length <= held - begin else { break }
                body(UnsafeRawBufferPointer(rebasing: area[begin..<begin + length]))
                begin += length
            }
            // what is left of a record that the next read completes
            UnsafeMutableRawBufferPointer(rebasing: area[..<(held - begin)])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: area[begin..<held]))
            held -= begin
        }
    }
}
