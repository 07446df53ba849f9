import BPF
import Testing

/// USDT probes of ELF files, good ones and others.
@Suite struct ELFProbeTests {
    private func probes(_ image: ELFProbeImage) throws -> [ELFProbe] {
        try ELFFile(read: ELFImage.reader(image.bytes)).probes()
    }

    private func error(_ image: ELFProbeImage) -> ELFError? {
        do {
            _ = try ELFFile(read: ELFImage.reader(image.bytes)).probes()
            return nil
        } catch {
            return error
        }
    }

    @Test func aNoteIsAProbe() throws {
        let note = ELFProbeImage.note(0x401234, semaphore: 0x420010, "pg", "query__start", "8@%rdi -4@$5")
        #expect(
            try probes(ELFProbeImage(note + ELFProbeImage.note(0x401300, "pg", "done", "")))
                == [
                    ELFProbe(
                        provider: "pg",
                        name: "query__start",
                        offset: 0x1234,
                        counter: 0x10010,
                        arguments: "8@%rdi -4@$5"
                    ),
                    ELFProbe(provider: "pg", name: "done", offset: 0x1300),
                ]
        )
    }

    /// As prelink does it.
    @Test func whatMovedTheCodeAfterTheNotesWereMadeMovesTheProbe() throws {
        let note = ELFProbeImage.note(0x301234, base: 0x300500, semaphore: 0x320010, "p", "n", "")
        #expect(
            try probes(ELFProbeImage(note, base: 0x400500))
                == [ELFProbe(provider: "p", name: "n", offset: 0x1234, counter: 0x10010)]
        )
        #expect(try probes(ELFProbeImage(note)).isEmpty, "outside the code")
    }

    @Test func otherNotesAreNoProbes() throws {
        let notes =
            ELFProbeImage.note(0x401234, owner: "GNU", "p", "n", "")
            + ELFProbeImage.note(0x401234, type: 4, "p", "n", "") + ELFProbeImage.note(0x401234, "p", "n", "")
        #expect(try probes(ELFProbeImage(notes)).count == 1)
        #expect(try probes(ELFProbeImage([])).isEmpty)
        #expect(try probes(ELFProbeImage(notes, section: ".note.other")).isEmpty)
    }

    @Test func aFileWithoutSectionsHasNone() throws {
        #expect(try ELFFile(read: ELFImage.reader(ELFImage().bytes)).probes().isEmpty)
    }

    @Test func aSemaphoreThatIsNowhereIsDamage() {
        #expect(error(ELFProbeImage(ELFProbeImage.note(0x401234, semaphore: 0x10, "p", "n", ""))) == .damaged)
    }

    @Test func aNoteThatIsCutIsDamage() {
        let whole = ELFProbeImage.note(0x401234, "provider", "name", "8@%rdi")
        for count in 12..<whole.count - 3 {
            #expect(error(ELFProbeImage(Array(whole[..<count]))) == .damaged, "\(count)")
        }
    }

    @Test func namesMustBeThereAndEnd() {
        #expect(error(ELFProbeImage(ELFProbeImage.note(0x401234, "", "n", ""))) == .damaged)
        #expect(error(ELFProbeImage(ELFProbeImage.note(0x401234, "p", "", ""))) == .damaged)
        #expect(error(ELFProbeImage(ELFProbeImage.note(of: [UInt8](repeating: 7, count: 64)))) == .damaged)
        #expect(error(ELFProbeImage(ELFProbeImage.note(of: []))) == .damaged)
    }

    @Test func moreNotesThanAnyProgramHasAreNotRead() {
        var image = ELFProbeImage(ELFProbeImage.note(0x401234, "p", "n", ""))
        ELFImage.put(9 << 20, 8, at: image.noteHeader + 32, &image.bytes)
        #expect(error(image) == .damaged)
    }

    @Test func theBuildIDIsInANoteThatIsLoaded() throws {
        let notes =
            ELFProbeImage.note(of: [1, 2], owner: "Other") + ELFProbeImage.note(of: [0xc0, 0xff, 0xee], owner: "GNU")
        var image = ELFProbeImage(notes, section: ".note.gnu.build-id")
        #expect(try ELFFile(read: ELFImage.reader(image.bytes)).buildID() == nil)
        // The second segment has them now.
        ELFImage.put(4, 4, at: 120, &image.bytes)
        ELFImage.put(image.table - notes.count, 8, at: 128, &image.bytes)
        ELFImage.put(notes.count, 8, at: 152, &image.bytes)
        #expect(try ELFFile(read: ELFImage.reader(image.bytes)).buildID() == [0xc0, 0xff, 0xee])
        ELFImage.put(notes.count - 4, 8, at: 152, &image.bytes)
        #expect(throws: ELFError.damaged) { try ELFFile(read: ELFImage.reader(image.bytes)).buildID() }
    }

    @Test(arguments: [UInt64(0), 1, 0xffff, 0xffff_fffd, 0xffff_ffff, 1 << 40, UInt64(Int64.max), .max])
    func numbersThatCannotBeDoNoHarm(value: UInt64) {
        let good = ELFProbeImage(ELFProbeImage.note(0x401234, semaphore: 0x420010, "p", "n", "8@%rdi"), base: 0x400500)
        for size in [4, 8] {
            for at in 0...good.bytes.count - size {
                var image = good
                for index in 0..<size {
                    image.bytes[at + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index)))
                }
                _ = error(image)
            }
        }
    }

    @Test func damageAnywhereDoesNoHarm() {
        var random = SystemRandomNumberGenerator()
        let good = ELFProbeImage(ELFProbeImage.note(0x401234, semaphore: 0x420010, "p", "n", "8@%rdi"), base: 0x400500)
        for _ in 0..<5000 {
            var image = good
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                image.bytes[Int.random(in: 0..<image.bytes.count, using: &random)] = .random(
                    in: 0...255,
                    using: &random
                )
            }
            _ = error(image)
        }
    }
}
