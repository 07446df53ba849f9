import Glibc
import Policies
import Testing

/// Hooks on files that must be the right ones.
@Suite struct DigestTests {
    private func spec(_ digests: String, _ more: String = "") -> String {
        "spec: {uprobes: [{path: /bin/there, symbols: [main], binaryDigests: [\(digests)]\(more)}]}"
    }

    private let one = String(repeating: "0a", count: 32)
    private let other = String(repeating: "0b", count: 32)

    private func kernel() throws -> InventedKernel {
        var kernel = try InventedKernel()
        kernel.digests = ["sha256": one, "build-id": "c0ffee"]
        return kernel
    }

    @Test func aFileThatIsOneOfThemIsHooked() throws {
        let kernel = try kernel()
        for digests in ["\"sha256:\(one)\"", "\"sha256:\(other)\", \"build-id:C0FFEE\""] {
            #expect(try kernel.plan(spec(digests)).requests.count == 1, "\(digests)")
        }
    }

    @Test func anotherFileIsToldByWhatItIs() throws {
        #expect(
            try kernel().reasons(spec("\"sha256:\(other)\", \"build-id:00\"")) == [
                "4 spec.uprobes[0].binaryDigests: /bin/there is none of those that the policy is for; it is "
                    + "build-id:c0ffee and sha256:\(one)"
            ]
        )
        var without = try kernel()
        without.digests = [:]
        #expect(try without.reasons(spec("\"build-id:00\"")).first?.contains("has no build ID") == true)
    }

    @Test func itMayBePassedOver() throws {
        let plan = try kernel().plan(spec("\"build-id:00\"", ", ignore: {digestVerificationFailure: true}"))
        guard case .skipped(let problem) = try #require(plan.hooks.first).outcome else {
            Issue.record("not skipped")
            return
        }
        #expect(problem.what.contains("build-id:c0ffee"))
    }

    @Test(arguments: [
        ("sha1", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "sha384",
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"
        ),
        (
            "sha512",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
    ])
    func aFilesDigestIsThatOfTheStandard(algorithm: String, digest: String) throws {
        #expect(try self.digest(algorithm, of: Array("abc".utf8)) == digest)
    }

    @Test func whatIsNoPlainFileHasNone() {
        for path in ["/dev/zero", "/tmp", "/none/at/all"] {
            #expect(throws: PlaceError.self) { try RunningKernel().digest("sha256", of: path) }
        }
    }

    /// Of the length the last block has room or not, of either size of blocks.
    @Test(arguments: [
        (0, "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        (55, "c1c8bbdc22796e28c0e15163d20899b65621d65a"),
        (56, "c2db330f6083854c99d4b5bfb6e8f29f201be699"),
        (64, "0098ba824b5c16427bd7a1122a5a442a25ec644d"),
        (200000, "ec99adda39f462070e2c7ecbc8433e70dc9fb54c"),
    ])
    func anyLength(count: Int, sha1: String) throws {
        #expect(try digest("sha1", of: [UInt8](repeating: 97, count: count)) == sha1)
    }

    /// Of a file that holds these bytes.
    private func digest(_ algorithm: String, of bytes: [UInt8]) throws -> String? {
        let path = "/tmp/martlet-digest-\(getpid())-\(algorithm)-\(bytes.count)"
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer {
            close(file)
            unlink(path)
        }
        #expect(write(file, bytes, bytes.count) == bytes.count)
        return try RunningKernel().digest(algorithm, of: path)
    }
}
