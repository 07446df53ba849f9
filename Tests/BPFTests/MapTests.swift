import BPF
import Testing

extension KernelObjects {
    @Suite struct MapTests {
        @Test func `Values are set, read, replaced and removed`() throws {
            let loaded = try BPFObject(FixtureSkeleton.self).load()
            let numbers = try loaded.map(.numbers).typed(UInt32.self, UInt64.self)
            #expect(try numbers.value(7) == nil)
            try numbers.set(7, 49)
            #expect(try numbers.value(7) == 49)
            try numbers.set(7, 50)
            #expect(try numbers.value(7) == 50)
            #expect(try numbers.remove(7))
            #expect(try !numbers.remove(7))
            #expect(try numbers.value(7) == nil)
        }

        @Test(arguments: [0, 1, 255, 256, 257, 1000])
        func `All pairs of a map come in batches, each once`(count: Int) throws {
            let loaded = try BPFObject(FixtureSkeleton.self).load()
            let numbers = try loaded.map(.numbers).typed(UInt32.self, UInt64.self)
            for key in 0..<count { try numbers.set(UInt32(key), UInt64(key) * 3) }
            let all = try numbers.all()
            #expect(all.count == count)
            #expect(Set(all.map(\.0)).count == count)
            #expect(all.allSatisfy { $0.1 == UInt64($0.0) * 3 })
        }

        @Test func `A full map refuses one more key and says so`() throws {
            let loaded = try BPFObject(FixtureSkeleton.self).load()
            let numbers = try loaded.map(.numbers).typed(UInt32.self, UInt64.self)
            for key in 0..<1000 { try numbers.set(UInt32(key), 0) }
            let error = #expect(throws: BPFError.self) { try numbers.set(1000, 0) }
            #expect(error?.description.contains("map numbers") == true)
        }

        @Test func `Types of another size are refused before anything is read`() throws {
            let loaded = try BPFObject(FixtureSkeleton.self).load()
            let error = #expect(throws: BPFError.self) { _ = try loaded.map(.numbers).typed(UInt32.self, UInt32.self) }
            #expect(error?.log == ["its keys have 4 and its values 8 bytes"])
        }

        @Test func `Per-CPU values add up to the runs`() throws {
            let loaded = try BPFObject(FixtureSkeleton.self).load()
            let program = try loaded.program(.count)
            for _ in 0..<23 { _ = try program.run() }
            let values = try loaded.map(.per_cpu).typed(UInt32.self, UInt64.self).perCPUValues(0)
            #expect(values.count == possibleCPUs)
            #expect(values.reduce(0, +) == 23)
        }

        @Test func `Global data is shared with the running program`() throws {
            let object = try BPFObject(FixtureSkeleton.self)
            try object.readOnlyData.step = 5
            let loaded = try object.load()
            let program = try loaded.program(.count)
            #expect(try program.run() == 42)
            try loaded.data.answer = 43
            #expect(try program.run() == 43)
            #expect(try loaded.zeroData.calls == 10)
        }
    }
}
