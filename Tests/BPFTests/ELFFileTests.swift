import BPF
import Foundation
import Glibc
import Testing

/// Functions, variables and libraries of ELF files, good ones and others.
@Suite struct ELFFileTests {
    private func file(_ bytes: [UInt8]) throws -> ELFFile { try ELFFile(read: ELFImage.reader(bytes)) }

    private func error(_ bytes: [UInt8]) -> ELFError? {
        do {
            _ = try ELFFile(read: ELFImage.reader(bytes))
            return nil
        } catch {
            return error
        }
    }

    /// Asks for everything; only that it comes back matters.
    private func ask(_ bytes: [UInt8]) {
        guard let file = try? file(bytes) else { return }
        _ = try? file.functionOffsets(["readline"])
        _ = try? file.variables(["rl_readline_version"])
        _ = try? file.libraries()
    }

    @Test func aFunctionsPlaceInTheFileIsFound() throws {
        let file = try file(ELFImage().bytes)
        #expect(try file.functionOffsets(["readline", "other"]) == ["readline": ELFImage.function.offset])
        #expect(try file.variables(["rl_readline_version", "readline"]) == ["rl_readline_version"])
    }

    @Test func theLibrariesThatItNeedsAreTold() throws {
        let file = try file(ELFImage(needs: ["libtinfo.so.6", "libreadline.so.8"]).bytes)
        #expect(try file.libraries() == ["libtinfo.so.6", "libreadline.so.8"])
    }

    @Test func aLongerNameOrItsBeginningIsAnotherOne() throws {
        for name in ["readlines", "readlin", "_readline", ""] {
            #expect(try file(ELFImage(function: name).bytes).functionOffsets(["readline"]).isEmpty)
        }
    }

    @Test func anAddressOutsideTheCodeIsNoPlace() throws {
        var bytes = ELFImage().bytes
        // the segment is data
        ELFImage.put(6, 4, at: 68, &bytes)
        #expect(try file(bytes).functionOffsets(["readline"]).isEmpty)
        bytes = ELFImage().bytes
        // or too short
        ELFImage.put(0x1234, 8, at: 96, &bytes)
        #expect(try file(bytes).functionOffsets(["readline"]).isEmpty)
    }

    @Test func whatIsNoELFFileIsSaidToBeNone() {
        #expect(error(Array("#!/bin/sh\n".utf8) + [UInt8](repeating: 10, count: 64)) == .notELF)
        #expect(error([]) == .damaged)
    }

    @Test(arguments: [(4, 1), (5, 2), (18, 3), (18, 40), (16, 1), (16, 4)])
    func anotherClassByteOrderMachineOrTypeIsForeign(at: Int, value: UInt8) {
        var bytes = ELFImage().bytes
        bytes[at] = value
        #expect(error(bytes) == .foreign)
    }

    @Test func aFileCutAnywhereIsRefusedOrHasLess() {
        let bytes = ELFImage().bytes
        for count in 0..<bytes.count { ask(Array(bytes[..<count])) }
        #expect(error(Array(bytes.dropLast())) == .damaged)
    }

    @Test(arguments: [UInt64(0), 1, 0xffff, 0xffff_ffff, 1 << 40, UInt64(Int64.max), UInt64(Int64.max) + 1, .max])
    func numbersThatCannotBeDoNoHarm(value: UInt64) {
        let good = ELFImage().bytes
        for size in [2, 4, 8] {
            for at in 0...good.count - size {
                var bytes = good
                for index in 0..<size { bytes[at + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index))) }
                ask(bytes)
            }
        }
    }

    @Test func damageAnywhereDoesNoHarm() {
        var random = SystemRandomNumberGenerator()
        let good = ELFImage().bytes
        for _ in 0..<5000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            ask(bytes)
        }
    }

    @Test(.enabled(if: access("/bin/bash", R_OK) == 0, "needs bash"))
    func bashHasReadlineOrNeedsItsLibrary() throws {
        let descriptor = open("/bin/bash", O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        let file = try ELFFile(descriptor: descriptor)
        let offset = try file.functionOffsets(["readline"])["readline"]
        #expect(try offset != nil || file.libraries().contains { $0.hasPrefix("libreadline.so") })
        #expect(try file.libraries().contains { $0.hasPrefix("libc.") })
    }
}
