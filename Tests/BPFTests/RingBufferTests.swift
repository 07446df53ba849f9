import BPF
import Testing

extension KernelObjects {
    @Suite struct RingBufferTests {
        @Test func `Records of all sizes come whole and in order, also across the end of the ring`() throws {
            let loaded = try BPFObject(FixtureSkeleton.self).load()
            var ring = try RingBuffer(name: "test", bytes: 4096)
            try loaded.map(.rings).set(3, map: ring.descriptor)
            let send = try loaded.program(.send)
            // some 70 bytes each: the ring is gone round many times
            for number in 0..<1009 {
                #expect(try send.run() == 0)
                let next = ring.next()
                let record = try #require(next)
                #expect(record.count == 8 + number % 15 * 8)
                #expect(record.bindMemory(to: UInt64.self).allSatisfy { $0 == number })
                ring.release()
                let more = ring.next()
                #expect(more == nil)
            }
            let used = ring.used
            #expect(used == 0)
        }

        @Test func `A full ring takes nothing more until something is released`() throws {
            let loaded = try BPFObject(FixtureSkeleton.self).load()
            var ring = try RingBuffer(name: "test", bytes: 4096)
            try loaded.map(.rings).set(3, map: ring.descriptor)
            let send = try loaded.program(.send)
            var sent = 0
            while try send.run() == 0 { sent += 1 }
            #expect(sent > 20 && sent < 200)
            var read = 0
            while ring.next() != nil { read += 1 }
            #expect(read == sent)
            #expect(try send.run() == 2)
            ring.release()
            #expect(try send.run() == 0)
        }

        @Test func `What was read and not released can be read again`() throws {
            let loaded = try BPFObject(FixtureSkeleton.self).load()
            var ring = try RingBuffer(name: "test", bytes: 4096)
            try loaded.map(.rings).set(3, map: ring.descriptor)
            for _ in 0..<3 { _ = try loaded.program(.send).run() }
            _ = ring.next()
            let position = ring.position
            let second = ring.next()?.load(as: UInt64.self)
            ring.rewind(to: position)
            let again = ring.next()?.load(as: UInt64.self)
            #expect(second == 1)
            #expect(again == second)
        }

        @Test func `Without a ring in the slot the program is told`() throws {
            let loaded = try BPFObject(FixtureSkeleton.self).load()
            #expect(try loaded.program(.send).run() == 1)
        }
    }
}
