import Testing

@Suite struct DataLayoutTests {
    private let tool: SkeletonTool

    init() throws {
        tool = try SkeletonTool()
    }

    private func skeleton(_ source: String) throws -> String {
        try tool.compile(source).written()
    }

    @Test(arguments: [
        ("__u8", "UInt8", 1), ("__s8", "Int8", 1), ("char", "Int8", 1), ("__u16", "UInt16", 2), ("__s16", "Int16", 2),
        ("int", "Int32", 4), ("__u32", "UInt32", 4), ("__s64", "Int64", 8), ("__u64", "UInt64", 8),
        ("_Bool", "Bool", 1), ("void *", "UInt64", 8), ("enum { A, B }", "UInt32", 4),
        ("enum { A = -1, B }", "Int32", 4), ("enum { A = 1ull << 40 }", "UInt64", 8),
    ])
    func aVariableHasTheSwiftTypeOfItsSize(type: String, swift: String, size: Int) throws {
        let skeleton = try skeleton("typedef \(type) alias; const volatile alias value;")
        #expect(skeleton.contains("static let section = \".rodata\"\n        static let size = \(size)\n"))
        #expect(skeleton.contains("/// `value`, \(size) bytes at offset 0.\n        var value: \(swift) {\n"))
        #expect(skeleton.contains("get { base.load(fromByteOffset: 0, as: \(swift).self) }"))
        #expect(skeleton.contains("base.storeBytes(of: newValue, toByteOffset: 0, as: \(swift).self)"))
    }

    @Test func offsetsHaveTheCompilersPadding() throws {
        let skeleton = try skeleton(
            """
            const volatile __u8 first; const volatile __u64 second; const volatile _Bool third;
            struct pair { __u8 small; __u64 large; };
            const volatile struct pair fourth; const volatile __u16 fifth;
            """
        )
        let places = [("first", 1, 0), ("second", 8, 8), ("third", 1, 16), ("fourth", 16, 24), ("fifth", 2, 40)]
        for (name, size, offset) in places {
            #expect(skeleton.contains("/// `\(name)`, \(size) bytes at offset \(offset)."))
        }
        #expect(skeleton.contains("static let size = 42\n"))
    }

    @Test func arraysOfNumbersAreTypedBuffers() throws {
        let skeleton = try skeleton("const volatile __u8 names[3][4]; const volatile _Bool flags[2]; char *texts[5];")
        #expect(skeleton.contains("var names: UnsafeMutableBufferPointer<UInt8> {"))
        #expect(skeleton.contains("(base + 0).assumingMemoryBound(to: UInt8.self)"))
        #expect(skeleton.contains("UnsafeMutableBufferPointer(start: start, count: 12)"))
        #expect(skeleton.contains("(base + 12).assumingMemoryBound(to: Bool.self)"))
        #expect(skeleton.contains("var texts: UnsafeMutableBufferPointer<UInt64> {"))
        #expect(skeleton.contains("UnsafeMutableBufferPointer(start: start, count: 5)"))
    }

    @Test func structsAndArraysOfThemAreRawBuffers() throws {
        let skeleton = try skeleton("struct pair { __u8 small; __u64 large; } one, many[3]; union { int a; } both;")
        #expect(skeleton.contains("var many: UnsafeMutableRawBufferPointer {"))
        #expect(skeleton.contains("UnsafeMutableRawBufferPointer(start: base + 16, count: 48)"))
        #expect(skeleton.contains("var both: UnsafeMutableRawBufferPointer {"))
    }

    @Test func eachSectionHasItsOwnVariables() throws {
        let skeleton = try skeleton(CSource.everything)
        let sections = skeleton.split(separator: "    struct ").dropFirst()
        #expect(sections.map { $0.prefix { $0 != ":" } } == ["ReadOnlyData", "Data", "ZeroData"])
        for (section, variable) in zip(sections, ["limit: UInt32", "count: UInt64", "ready: Bool"]) {
            #expect(section.contains("var \(variable) {"))
        }
    }

    @Test func whatTheCompilerMakesIsLeftOut() throws {
        let skeleton = try skeleton(
            """
            static long (*const trace)(const char *, __u32) = (void *)6;
            const volatile __u32 limit = 4;
            static volatile __u32 hidden = 3;
            SEC("tp/one") int one(void *context) {
                static const char ____fmt[] = "hello";
                trace(____fmt, sizeof(____fmt));
                trace("literal", 8);
                return limit + hidden;
            }
            """
        )
        #expect(skeleton.matches(of: #/var \w+:/#).map { String($0.output) } == ["var limit:"])
        #expect(skeleton.contains("typealias Data = BPFNoData"))
    }

    @Test func namesThatSwiftReservesAreEscaped() throws {
        let skeleton = try skeleton("int repeat, base, self, init;")
        for name in ["`repeat`", "base_", "self_", "init_"] {
            #expect(skeleton.contains("var \(name): Int32 {"))
        }
    }
}
