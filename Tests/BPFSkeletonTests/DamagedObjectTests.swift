import Testing

@Suite struct DamagedObjectTests {
    private let tool: SkeletonTool
    private let folder: TemporaryFolder
    private let object: [UInt8]

    init() throws {
        tool = try SkeletonTool()
        folder = try TemporaryFolder()
        object = try #require(try tool.compile(CSource.everything).object)
    }

    private func read(_ bytes: [UInt8]) throws -> (path: String, result: SkeletonTool.Result) {
        let path = try folder.write(bytes, to: "damaged.bpf.o")
        return (path, try tool.run(["--object", path], in: folder))
    }

    @Test func anObjectCutShortIsAnErrorAtEveryLength() throws {
        let lengths = Array(0..<8) + Array(stride(from: 60, to: object.count, by: 61)) + [object.count - 1]
        for length in lengths {
            let (path, result) = try read(Array(object.prefix(length)))
            #expect(result.exitCode == 1, "at \(length) bytes")
            #expect(result.errors.hasPrefix("\(path): error: damaged object file: "), "at \(length) bytes")
            #expect(result.skeleton == nil, "at \(length) bytes")
        }
    }

    @Test func anOverwrittenObjectNeverCrashesTheTool() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<150 {
            var bytes = object
            let places = (0..<4).map { _ in Int.random(in: 0..<bytes.count, using: &random) }
            for place in places {
                bytes[place] = [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &random) ?? 0
            }
            let (_, result) = try read(bytes)
            #expect(result.exitCode == 0 || result.exitCode == 1, "overwritten at \(places)")
            #expect((result.skeleton == nil) == (result.exitCode == 1), "overwritten at \(places)")
        }
    }

    @Test func everyByteOfTheHeaderIsReadWithCare() throws {
        for place in 0..<64 {
            var bytes = object
            bytes[place] = 0xff
            let result = try read(bytes).result
            #expect(result.exitCode == 0 || result.exitCode == 1, "overwritten at \(place)")
        }
    }

    @Test func anObjectForAnotherMachineIsRefused() throws {
        var bytes = object
        bytes[18] = 62
        #expect(try read(bytes).result.errors.contains("an ELF file for machine 62, not for BPF"))
        bytes[4] = 1
        #expect(try read(bytes).result.errors.contains("not a little-endian 64-bit ELF file"))
    }

    @Test func anObjectWithoutBTFIsRefused() throws {
        var bytes = object
        let name = Array(".BTF\0".utf8)
        let start = try #require(bytes.indices.first { bytes[$0...].starts(with: name) })
        bytes[start + 2] = UInt8(ascii: "x")
        #expect(try read(bytes).result.errors.contains("no .BTF section; compile with -g"))
    }
}
