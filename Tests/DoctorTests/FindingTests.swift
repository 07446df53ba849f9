import Doctor
import Fixtures
import Glibc
import Probes
import Testing

/// What is concluded from the texts by which a kernel tells about itself.
@Suite struct FindingTests {
    @Test func `A kernel is old or new enough by its first two numbers`() {
        #expect(Doctor.release("5.10.0-46-cloud-amd64").verdict == .ok)
        #expect(Doctor.release("6.1.0").verdict == .ok)
        #expect(Doctor.release("7.2-rc1").verdict == .ok)
        #expect(Doctor.release("5.9.16").verdict == .failed)
        #expect(Doctor.release("4.19.0").need == .required)
        #expect(Doctor.release("mainline").verdict == .degraded)
    }

    @Test func `Lockdown's mode is the one in brackets, and only confidentiality forbids`() {
        #expect(Doctor.lockdown("none [integrity] confidentiality").verdict == .ok)
        #expect(Doctor.lockdown("none [integrity] confidentiality").found == "integrity")
        let forbids = Doctor.lockdown("none integrity [confidentiality]")
        #expect(forbids.verdict == .failed)
        #expect(forbids.need == .required)
        #expect(Doctor.lockdown(nil).verdict == .notApplicable)
    }

    @Test func `Capabilities are told by name`() {
        let none = Capabilities(status: "Name:\tx\nCapEff:\t0000000000000000\nCapBnd:\tffffffffffffffff\n")
        #expect(none.missing == ["CAP_BPF", "CAP_PERFMON"])
        #expect(Doctor.capabilities(none).found == "missing: CAP_BPF, CAP_PERFMON")
        let half = Capabilities(status: "CapEff:\t0000008000000000\n")
        #expect(half.missing == ["CAP_PERFMON"])
        let least = Capabilities(status: "CapEff:\t000000c000000000\n")
        #expect(least.canTrace)
        #expect(Doctor.capabilities(least).found == "CAP_PERFMON, CAP_BPF")
        // CAP_SYS_ADMIN alone, as before there were others
        #expect(Capabilities(status: "CapEff:\t0000000000200000\n").missing.isEmpty)
        #expect(Capabilities(status: "").missing.count == 2)
    }

    @Test func `Control groups are v1, v2, both or none`() {
        let v1 = "cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\ncgroup /sys/fs/cgroup/pids cgroup rw,pids 0 0\n"
        let v2 = "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n"
        #expect(CgroupHierarchy(mounts: "proc /proc proc rw 0 0\n" + v2).text == "v2 at /sys/fs/cgroup")
        #expect(CgroupHierarchy(mounts: v1).text == "v1: at /sys/fs/cgroup/cpu and 1 more")
        #expect(CgroupHierarchy(mounts: v1 + v2).mode == .hybrid)
        #expect(CgroupHierarchy(mounts: "broken\n").text == "not mounted")
    }

    @Test func `Security modules have names, whichever way the kernel tells them`() {
        #expect(SecurityModules(text: "lockdown,capability,bpf\n").names == ["lockdown", "capability", "bpf"])
        #expect(SecurityModules(ids: [108, 100, 109, 999]).names == ["lockdown", "capability", "bpf", "lsm-999"])
    }

    @Test func `Rings that take much of what memory is left are worth a word`() {
        var settings = ProbeSettings()
        settings.pool = 4
        settings.ringBytes = 8 << 20
        settings.lifeCycleBytes = 8 << 20
        #expect(Doctor.rings(available: 1 << 30, settings).verdict == .ok)
        #expect(Doctor.rings(available: 1 << 30, settings).found == "40 MiB in 5 rings, of 1024 MiB available")
        #expect(Doctor.rings(available: 128 << 20, settings).verdict == .degraded)
    }

    @Test func `Clocks that are slow to read are told`() {
        #expect(Doctor.clock("tsc").verdict == .ok)
        #expect(Doctor.clock("kvm-clock").verdict == .ok)
        #expect(Doctor.clock("hpet").verdict == .degraded)
        #expect(Doctor.clock(nil).verdict == .notApplicable)
    }

    @Test func `A runtime's socket answers, is dead, or is not there`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("runtime.sock")
        let runtime = ContainerSocket(runtime: "docker", paths: [folder.path("elsewhere.sock"), path])
        #expect(runtime.check.verdict == .notApplicable)

        let server = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(server, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0 && listen(server, 1) == 0)
        #expect(runtime.check.verdict == .ok)
        #expect(runtime.check.found == "answers at \(path)")
        // also when nobody takes the connections
        for _ in 0..<4 { #expect(runtime.check.verdict == .ok) }

        close(server)
        #expect(runtime.check.verdict == .degraded)
        #expect(runtime.check.found.contains("Connection refused"))
    }
}
