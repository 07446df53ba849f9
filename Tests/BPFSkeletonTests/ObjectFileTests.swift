import Foundation
import Testing

@Suite struct ObjectFileTests {
    private let tool: SkeletonTool

    init() throws {
        tool = try SkeletonTool()
    }

    @Test func theObjectKeepsItsBTFAndLosesItsDWARF() throws {
        let object = Data(try #require(try tool.compile(CSource.everything).object))
        for kept in [".BTF\0", ".BTF.ext\0", ".maps\0", ".rodata\0", "tp/one\0"] {
            #expect(object.firstRange(of: Data(kept.utf8)) != nil, "\(kept) is missing")
        }
        #expect(object.firstRange(of: Data(".debug_".utf8)) == nil)
    }

    @Test func theSameSourceMakesTheSameBytesInEveryFolder() throws {
        let skeletons = try (0..<2).map { _ in
            let folder = try TemporaryFolder()
            let library = try TemporaryFolder()
            _ = try library.write("static inline int twice(int *x) {\n  return *x * 2;\n}\n", to: "twice.h")
            let program = #"SEC("tp/one") int one(void *context) { return twice(context); }"#
            let source = CSource.prelude + "#include \"twice.h\"\n" + program
            let path = try folder.write(source, to: "probe.bpf.c")
            return try tool.run(["--source", path, "-I", library.path("")], in: folder).written()
        }
        #expect(skeletons[0] == skeletons[1])
    }

    @Test func anObjectThatIsGivenIsTakenAsItIs() throws {
        let compiled = try tool.compile(CSource.everything)
        let object = try #require(compiled.object)
        let folder = try TemporaryFolder()
        let result = try tool.run(["--object", folder.write(object, to: "probe.bpf.o")], in: folder)
        #expect(result.exitCode == 0)
        #expect(result.object == object)
        #expect(result.skeleton?.contains("enum ProbeSkeleton: BPFSkeleton {") == true)
    }

    @Test(.enabled(if: Self.compiler != nil, "swiftc is not in PATH"))
    func swiftAcceptsTheSkeletonWithoutAWarning() throws {
        let reserved = "\nstruct pair pairs[2]; int base, self, where[2];"
        let skeleton = try tool.compile(CSource.everything + reserved).written()
        let folder = try TemporaryFolder()
        // One module for both, so that the test needs no build of the BPF module.
        let source = skeleton.replacing("import BPF\n", with: Self.module)
        let process = Process()
        process.executableURL = Self.compiler
        process.arguments = ["-typecheck", "-swift-version", "6", "-warnings-as-errors"]
        process.arguments? += ["-parse-as-library", try folder.write(source, to: "Skeleton.swift")]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    private static var compiler: URL? {
        let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
        return folders.map { URL(filePath: "\($0)/swiftc") }.first {
            FileManager.default.isExecutableFile(atPath: $0.path)
        }
    }

    private static let module = """
        protocol BPFDataSection {
            static var section: String { get }
            static var size: Int { get }
            init(base: UnsafeMutableRawPointer)
        }
        protocol BPFSkeleton {
            associatedtype Program: RawRepresentable<String> & CaseIterable & Sendable
            associatedtype Map: RawRepresentable<String> & CaseIterable & Sendable
            associatedtype ReadOnlyData: BPFDataSection
            associatedtype Data: BPFDataSection
            associatedtype ZeroData: BPFDataSection
            static var name: String { get }
            static var object: StaticString { get }
        }

        """
}
