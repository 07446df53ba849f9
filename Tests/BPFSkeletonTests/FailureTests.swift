import Foundation
import Testing

@Suite struct FailureTests {
    private let tool: SkeletonTool

    init() throws {
        tool = try SkeletonTool()
    }

    @Test func aCompileErrorShowsFileAndLineAndLeavesNoOutput() throws {
        let folder = try TemporaryFolder()
        let source = try folder.write("int fine;\nint broken(\n", to: "bad.bpf.c")
        _ = try folder.write("// of an earlier build", to: "out.swift")
        let result = try tool.run(["--source", source], in: folder)
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("\(source):2:12: error: expected"))
        #expect(!result.errors.contains("BPFSkeleton: error"))
        #expect(result.skeleton == nil)
    }

    @Test func aWarningIsAnError() throws {
        let result = try tool.compile(#"SEC("tp/one") int one(void *context) { int unused; return 0; }"#)
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("error: unused variable 'unused'"))
    }

    @Test func headersAreFoundInTheFoldersGiven() throws {
        let folder = try TemporaryFolder()
        let library = try TemporaryFolder()
        _ = try library.write("struct shared { int a; };", to: "shared.h")
        let source = try folder.write("#include \"shared.h\"\nstruct shared value;", to: "user.bpf.c")
        #expect(try tool.run(["--source", source], in: folder).exitCode == 1)
        #expect(try tool.run(["--source", source, "-I", library.path("")], in: folder).exitCode == 0)
    }

    @Test func theArchitectureCanBeChosen() throws {
        let folder = try TemporaryFolder()
        let source = try folder.write("#ifndef __TARGET_ARCH_arm64\n#error other\n#endif\nint a;", to: "arch.bpf.c")
        #expect(try tool.run(["--source", source, "--arch", "arm64"], in: folder).exitCode == 0)
        #expect(try tool.run(["--source", source, "--arch", "x86"], in: folder).exitCode == 1)
        let unknown = try tool.run(["--source", source, "--arch", "vax"], in: folder)
        #expect(unknown.errors.contains("unknown architecture 'vax'; use one of: x86, arm64"))
    }

    @Test func aMissingClangIsTold() throws {
        let folder = try TemporaryFolder()
        let source = try folder.write("int a;", to: "probe.bpf.c")
        let named = try tool.run(["--source", source, "--clang", "/nowhere/clang"], in: folder)
        #expect(named.exitCode == 1)
        #expect(named.errors.hasPrefix("/nowhere/clang: error: no such compiler; install"))
        let searched = try tool.run(["--source", source], in: folder, environment: ["PATH": "/nowhere"])
        #expect(searched.exitCode == 1)
        #expect(searched.errors.hasPrefix("clang: error: not found in PATH; install"))
    }

    @Test func aMissingObjcopyIsTold() throws {
        let folder = try TemporaryFolder()
        let source = try folder.write("int a;", to: "probe.bpf.c")
        let clang = try folder.write("#!/bin/sh\n", to: "clang")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: clang)
        let result = try tool.run(["--source", source, "--clang", clang], in: folder)
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("/llvm-objcopy: error: not found beside clang; install"))
    }

    @Test(arguments: [[], ["--source"], ["--source", "a.bpf.c", "--object", "a.o"], ["--fast"]])
    func aWrongCommandLineShowsTheRightOne(arguments: [String]) throws {
        let result = try tool.run(arguments, in: TemporaryFolder())
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("usage: BPFSkeleton (--source FILE.bpf.c"))
    }

    @Test func aMissingSourceIsTold() throws {
        let result = try tool.run(["--source", "/nowhere/a.bpf.c"], in: TemporaryFolder())
        #expect(result.exitCode == 1)
        #expect(result.errors.hasPrefix("/nowhere/a.bpf.c: error: cannot be read; check"))
    }
}
