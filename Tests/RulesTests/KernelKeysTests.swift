import Model
import Rules
import Testing
import UserInput

/// What of rules the kernel can look up: never less than what they want.
@Suite struct KernelKeysTests {
    private func keys(_ toml: String) throws -> KernelKeys { KernelKeys(try RuleFixture.rules(toml)) }

    private func path(_ text: String) -> KernelKeys.Key { .path(Array(text.utf8)) }

    @Test func `Paths are looked up by how they begin`() throws {
        let rules = """
            [[rule]]
            name = "a"
            tracer = "open"
            where.path = ["/etc/passwd", "/etc/shadow"]
            [[rule]]
            name = "b"
            tracer = "open"
            where.path.prefix = "/root/"
            [[rule]]
            name = "c"
            tracer = "open"
            where.path.glob = "/home/*/.ssh/*"
            """
        #expect(
            try keys(rules).paths[.open] == [path("/etc/passwd"), path("/etc/shadow"), path("/root/"), path("/home/")]
        )
    }

    @Test(arguments: [
        "where.path.suffix = '.key'", "where.path.contains = 'ssh'", "where.path.regex = '^/etc'",
        "where.path.glob = '*.key'", "where.not.path = '/etc/passwd'",
        "where.any = [{path = '/a'}, {process.uid = 0}]", "where.name = '/etc/passwd'",
    ])
    func `A rule of which no beginning is known has all paths told`(condition: String) throws {
        #expect(try keys("name = 'a'\ntracer = 'open'\n\(condition)").paths[.open] == nil)
        let one = "[[rule]]\nname = 'a'\ntracer = 'open'\n\(condition)\n"
        let other = "[[rule]]\nname = 'b'\ntracer = 'open'\nwhere.path = '/b'\n"
        #expect(try keys(one + other).paths[.open] == nil)
    }

    @Test func `Of several conditions at once the one with the fewest keys is looked up`() throws {
        let toml = "name = 'a'\ntracer = 'open'\nwhere.all = [{path = ['/a', '/b']}, {path.prefix = '/'}]"
        #expect(try keys(toml).paths[.open] == [path("/")])
    }

    @Test func `Ports and networks are looked up at the ends that rules ask about`() throws {
        let toml = """
            name = "a"
            tracer = ["tcp", "tcp-drop"]
            where.any = [{dport = 443}, {sport.range = [8000, 70000]}, {daddr.cidr = "10.0.0.0/8"}]
            """
        let network = try #require(AddressPrefix("10.0.0.0/8"))
        let expected: Set<KernelKeys.Key> = [
            .ports(.destination, 443...443), .ports(.source, 8000...65535), .network(.destination, network),
        ]
        #expect(try keys(toml).networks[.tcp] == expected)
        #expect(try keys(toml).networks[.tcpDrop] == expected)
        #expect(try keys("tracer = 'tcp'\nname = 'a'\nwhere.state = 'LISTEN'").networks[.tcp] == nil)
    }

    @Test func `What begins is looked up by names and numbers that rules spell out`() throws {
        let toml = """
            name = "a"
            tracer = "open"
            where.any = [{process.comm = "sshd"}, {process.binary = "/bin/x"}, {process.uid.le = 2}, {process.pid = 7}]
            """
        #expect(
            try keys(toml).processes[.open] == [
                .comm(Array("sshd".utf8)), .binary(Array("/bin/x".utf8)), .uid(0), .uid(1), .uid(2), .pid(7),
            ]
        )
    }

    @Test(arguments: [
        "process.uid.ge = 1000", "process.comm.prefix = 'ssh'", "parent.comm = 'sshd'", "container = 'web'",
    ])
    func `What begins is not looked up by what cannot be spelled out`(condition: String) throws {
        #expect(try keys("tracer = 'open'\nname = 'a'\nwhere.\(condition)").processes[.open] == nil)
    }

    @Test func `Of a kind whose events pass anyway nothing is looked up`() throws {
        let toml = "[default]\nopen = 'pass'\n[[rule]]\nname = 'a'\ntracer = 'open'\nwhere.path = '/a'\n"
        #expect(try keys(toml).paths[.open] == nil)
        #expect(try keys(toml).networks[.tcp] == nil)
    }
}
