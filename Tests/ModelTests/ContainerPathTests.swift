import Model
import Testing

/// What each way of naming control groups comes to: `runtime id pod unit user`, a hyphen for what is not there.
@Suite struct ContainerPathTests {
    static let id = "2f1c9be01d5a4c8e6b7790a4f1e2d3c4b5a69788796a5b4c3d2e1f00112233aa"
    static let other = String(repeating: "0123456789abcdef", count: 4)
    static let uid = "8f0d4a1e-5f2b-4c3d-9e8f-7a6b5c4d3e2f"
    static let slice = "8f0d4a1e_5f2b_4c3d_9e8f_7a6b5c4d3e2f"

    private func read(_ path: [UInt8]) -> String {
        path.withUnsafeBytes { bytes in
            let place = ContainerPath(bytes)
            func text(_ range: Range<Int>) -> String {
                range.isEmpty ? "-" : String(decoding: bytes[range], as: UTF8.self)
            }
            let container = Container(place, in: bytes)
            #expect((container == nil) == (place.runtime == nil))
            let id = container.map { String(decoding: $0.id.buffer, as: UTF8.self) } ?? "-"
            let pod = container?.podUID.map { String(decoding: $0.buffer, as: UTF8.self) } ?? "-"
            return "\(place.runtime.map { "\($0.name)" } ?? "-") \(id) \(pod) \(text(place.unit)) \(place.user)"
        }
    }

    private func expect(_ path: String, _ expected: String, _ location: SourceLocation = #_sourceLocation) {
        #expect(read(Array(path.utf8)) == expected, "\(path)", sourceLocation: location)
    }

    @Test(arguments: [
        ("/docker/\(id)", "docker \(id) - - 0"),
        ("/docker/\(id)/init.scope", "docker \(id) - - 0"),
        ("/docker/\(id)/system.slice/nginx.service", "docker \(id) - - 0"),
        ("/system.slice/docker-\(id).scope", "docker \(id) - - 0"),
        ("/system.slice/docker-\(id).scope/system.slice/cron.service", "docker \(id) - - 0"),
        ("/system.slice:docker:\(id)", "docker \(id) - - 0"),
        (
            "/user.slice/user-1000.slice/user@1000.service/user.slice/docker-\(id).scope",
            "docker \(id) - user@1000.service 1000"
        ),
        // --cgroup-parent
        ("/actions_job/\(id)", "docker \(id) - - 0"), ("/team/web/\(id)", "docker \(id) - - 0"),
        ("/ecs/0a1b2c3d/\(id)", "docker \(id) - - 0"),
        ("/team.slice/docker-\(id).scope", "docker \(id) - - 0"),
        ("/ecstasks.slice/ecstasks-0a1b.slice/docker-\(id).scope", "docker \(id) - - 0"),
        ("/docker/buildkit/x1y2z3", "buildkit x1y2z3 - - 0"),
    ]) func dockersContainers(path: String, expected: String) { expect(path, expected) }

    @Test(arguments: [
        ("/machine.slice/libpod-\(id).scope", "podman \(id) - - 0"),
        ("/machine.slice/libpod-\(id).scope/container", "podman \(id) - - 0"),
        ("/libpod_parent/libpod-\(id)", "podman \(id) - - 0"),
        ("/libpod_parent/libpod-\(id)/container/init.scope", "podman \(id) - - 0"),
        ("/libpod_parent/\(other)/libpod-\(id)", "podman \(id) - - 0"),
        ("/machine.slice/machine-libpod_pod_\(other).slice/libpod-\(id).scope/container", "podman \(id) - - 0"),
        (
            "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-\(id).scope/container",
            "podman \(id) - user@1000.service 1000"
        ),
        ("/system.slice/web.service/libpod-payload-\(id)", "podman \(id) - web.service 0"),
        // what watches a container is not in it
        ("/machine.slice/libpod-conmon-\(id).scope", "- - - libpod-conmon-\(id).scope 0"),
        ("/libpod_parent/conmon", "- - - - 0"), ("/libpod_parent/\(other)/conmon", "- - - - 0"),
        ("/system.slice/web.service/runtime", "- - - web.service 0"),
    ]) func podmansContainers(path: String, expected: String) { expect(path, expected) }

    @Test(arguments: [
        // cgroupfs driver: the three classes of service; the path does not say what runs the pod
        ("/kubepods/burstable/pod\(uid)/\(id)", "kubernetes \(id) \(uid) - 0"),
        ("/kubepods/besteffort/pod\(uid)/\(id)", "kubernetes \(id) \(uid) - 0"),
        ("/kubepods/pod\(uid)/\(id)", "kubernetes \(id) \(uid) - 0"),
        ("/kubepods/pod\(uid)/crio-\(id)", "cri-o \(id) \(uid) - 0"),
        ("/kubepods/burstable/pod\(uid)/crio-conmon-\(id)", "- - - - 0"),
        // a static pod
        (
            "/kubepods/burstable/pod0123456789abcdef0123456789abcdef/\(id)",
            "kubernetes \(id) 0123456789abcdef0123456789abcdef - 0"
        ),
        // systemd driver
        (
            "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod\(slice).slice/cri-containerd-\(id).scope",
            "containerd \(id) \(uid) - 0"
        ),
        (
            "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod\(slice).slice/crio-\(id).scope",
            "cri-o \(id) \(uid) - 0"
        ),
        ("/kubepods.slice/kubepods-pod\(slice).slice/docker-\(id).scope", "docker \(id) \(uid) - 0"),
        (
            "/kubepods.slice/kubepods-pod\(slice).slice/cri-containerd-\(id).scope/system.slice/ssh.service",
            "containerd \(id) \(uid) - 0"
        ),
        (
            "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod\(slice).slice/crio-conmon-\(id).scope",
            "- - - crio-conmon-\(id).scope 0"
        ),
        // systemd's names given to runc's own driver
        ("/kubepods-burstable-pod\(slice).slice:cri-containerd:\(id)", "containerd \(id) \(uid) - 0"),
        (
            "/system.slice/containerd.service/kubepods-pod\(slice).slice:cri-containerd:\(id)",
            "containerd \(id) \(uid) containerd.service 0"
        ),
        ("/kubepods/burstable/pod\(uid)", "- - - - 0"),
        ("/kubepods.slice/kubepods-burstable.slice", "- - - - 0"),
    ]) func kubernetesPods(path: String, expected: String) { expect(path, expected) }

    @Test(arguments: [
        ("/default/web", "containerd web - - 0"), ("/default/\(id)", "containerd \(id) - - 0"),
        ("/k8s.io/\(id)", "containerd \(id) - - 0"),
        ("/system.slice/nerdctl-\(id).scope", "containerd \(id) - - 0"),
        ("/user.slice/default/web", "- - - - 0"), ("/default/web/default/db", "containerd web - - 0"),
        ("/system.slice/runc-web.scope", "runc web - - 0"),
        ("/machine.slice/crun-buildah-buildah123.scope", "crun buildah-buildah123 - - 0"),
    ]) func containerdsAndBareRuntimes(path: String, expected: String) {
        // containerd's namespace inside of a container counts from that container
        expect(path, path.hasSuffix("db") ? "containerd db - - 0" : expected)
    }

    @Test(arguments: [
        ("/lxc.payload.web", "lxc web - - 0"), ("/lxc.payload.web/system.slice/ssh.service", "lxc web - - 0"),
        ("/lxc.payload.foo.service", "lxc foo.service - - 0"), ("/lxc.payload.proj_web/.lxc", "lxc proj_web - - 0"),
        ("/lxc/debian2", "lxc debian2 - - 0"), ("/lxc/101/ns/init.scope", "lxc 101 - - 0"),
        ("/user.slice/user-1000.slice/session-2.scope/lxc.payload.web", "lxc web - session-2.scope 1000"),
        ("/lxc.monitor.web", "- - - - 0"), ("/lxc.monitor/101", "- - - - 0"), ("/lxc.pivot", "- - - - 0"),
        ("/machine.slice/machine-nspawntest.scope", "systemd-nspawn nspawntest - - 0"),
        (#"/machine.slice/machine-my\x2dbox.scope/payload/init.scope"#, "systemd-nspawn my-box - - 0"),
        (#"/machine.slice/machine-my\x2dbox.scope/supervisor"#, #"- - - machine-my\x2dbox.scope 0"#),
        ("/machine.slice/systemd-nspawn@box.service/payload/system.slice/ssh.service", "systemd-nspawn box - - 0"),
        ("/machine.slice/systemd-nspawn@box.service/supervisor", "- - - systemd-nspawn@box.service 0"),
        (#"/machine.slice/machine-rkt\x2d79d2.scope/system.slice/etcd.service"#, "rkt 79d2 - - 0"),
        (#"/machine.slice/machine-lxc\x2d17\x2dweb.scope"#, "libvirt-lxc lxc-17-web - - 0"),
        ("/machine/web.libvirt-lxc", "libvirt-lxc web - - 0"), ("/libvirt/lxc/web", "libvirt-lxc web - - 0"),
        (#"/machine.slice/machine-qemu\x2d1\x2dvm.scope"#, #"- - - machine-qemu\x2d1\x2dvm.scope 0"#),
        ("/machine/vm.libvirt-qemu", "- - - - 0"), ("/garden/3f2a-11", "garden 3f2a-11 - - 0"),
    ]) func systemContainers(path: String, expected: String) { expect(path, expected) }

    /// The inner one, with the pod that it is in.
    @Test(arguments: [
        ("/docker/\(other)/docker/\(id)", "docker \(id) - - 0"),
        ("/system.slice/docker-\(other).scope/docker/\(id)", "docker \(id) - - 0"),
        ("/docker/\(other)/kubelet/kubepods/burstable/pod\(uid)/\(id)", "kubernetes \(id) \(uid) - 0"),
        (
            "/docker/\(other)/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod\(slice).slice/cri-containerd-\(id).scope",
            "containerd \(id) \(uid) - 0"
        ),
        ("/kubepods/pod\(uid)/\(other)/docker/\(id)", "docker \(id) \(uid) - 0"),
        ("/docker/\(other)/libpod_parent/libpod-\(id)", "podman \(id) - - 0"),
        ("/lxc.payload.web/lxc.payload.inner", "lxc inner - - 0"),
        ("/docker/\(other)/init.scope/sub/sub", "docker \(other) - - 0"),
    ]) func containersInContainers(path: String, expected: String) { expect(path, expected) }

    @Test(arguments: [
        ("/", "- - - - 0"), ("", "- - - - 0"), ("///", "- - - - 0"), ("/init.scope", "- - - init.scope 0"),
        ("/system.slice/docker.service", "- - - docker.service 0"),
        ("/system.slice/kubelet.service", "- - - kubelet.service 0"),
        ("/system.slice/containerd.service", "- - - containerd.service 0"),
        ("/system.slice/crio.service", "- - - crio.service 0"), ("/system.slice/lxc.service", "- - - lxc.service 0"),
        ("/system.slice/podman.socket", "- - - podman.socket 0"),
        ("/system.slice/ssh.service", "- - - ssh.service 0"), ("/system.slice/a.service/b/c", "- - - a.service 0"),
        (#"/system.slice/system-getty.slice/getty@tty1.service"#, "- - - getty@tty1.service 0"),
        (
            "/system.slice/var-lib-docker-containers-\(id)-mounts-shm.mount",
            "- - - var-lib-docker-containers-\(id)-mounts-shm.mount 0"
        ),
        ("/user.slice/user-1000.slice/session-3.scope", "- - - session-3.scope 1000"),
        ("/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.scope", "- - - app-x.scope 1000"),
        ("/user.slice/user-99999999999.slice/x", "- - - - 0"),
        ("/process_api/d694d99905cf5ef6f861aba4bb835b2c", "- - - - 0"),
        ("/.service", "- - - - 0"), ("/.scope/.service", "- - - - 0"),
    ]) func hostsProcesses(path: String, expected: String) { expect(path, expected) }

    /// Names that only look like a container's.
    @Test(arguments: [
        "/system.slice/docker-.scope", "/system.slice/docker-\(id.dropLast()).scope",
        "/system.slice/docker-\(id)0.scope",
        "/system.slice/docker-\(id.uppercased()).scope", "/system.slice/docker-registry.scope",
        "/system.slice/docker-\(id).scope.scope", "/system.slice/crio-web.scope", "/system.slice/machine-.scope",
    ]) func unitsThatOnlyLookLikeContainers(path: String) {
        expect(path, "- - - \(path.split(separator: "/")[1]) 0")
    }

    @Test(arguments: [
        "/docker/web", "/docker/\(id.dropLast())", "/docker/\(id)g", "/docker/\(id)\n", "/docker/ \(id)",
        "/docker", "/docker/", "/libpod_parent/libpod-web", "/libpod-\(id)x", "/docker-\(id).service.slice",
        "/a:docker:\(id)x", "/:", "/a:b:c", "/lxc.payload.", "/lxc", "/lxc/", "/.libvirt-lxc", "/cri-containerd-",
        "/docker-\(id).slice", "/pod\(uid)/x", "/machine.slice/systemd-nspawn@.service.slice",
    ]) func groupsThatOnlyLookLikeContainers(path: String) { expect(path, "- - - - 0") }

    @Test func aPodsUidMustBeOne() {
        expect("/kubepods/pod\(Self.uid.dropLast())/\(Self.id)", "docker \(Self.id) - - 0")
        expect("/pod\(Self.uid)/\(Self.id)", "docker \(Self.id) - - 0")
        expect("/kubepods.slice/kubepods-podx.slice/cri-containerd-\(Self.id).scope", "containerd \(Self.id) - - 0")
    }

    @Test func hostileNamesAreTakenAsTheyAre() {
        expect("/lxc.payload.a\nb", "lxc a\nb - - 0")
        expect(
            "/lxc.payload.\(String(repeating: "x", count: 5000))",
            "lxc \(String(repeating: "x", count: 5000)) - - 0"
        )
        expect("/system.slice/a\u{1b}[31m.service", "- - - a\u{1b}[31m.service 0")
        expect("/\(String(repeating: "y", count: 5000))/docker/\(Self.id)", "docker \(Self.id) - - 0")
        expect(String(repeating: "/a", count: 2500) + "/docker/\(Self.id)", "docker \(Self.id) - - 0")
        expect(#"/machine.slice/machine-a\x2.scope"#, #"systemd-nspawn a\x2 - - 0"#)
        expect(#"/machine.slice/machine-\xzz\x.scope"#, #"systemd-nspawn \xzz\x - - 0"#)
        #expect(read([0x2f, 0xff, 0, 0x2f, 0xc3]) == "- - - - 0")
        #expect(read(Array("/lxc.payload.".utf8) + [0xff]) == "lxc \u{fffd} - - 0")
    }

    /// Nothing that is cut off anywhere may be read past its end.
    @Test func everyBeginningOfAPathIsAPath() {
        let path = Array(
            "/docker/\(Self.other)/kubelet-kubepods-pod\(Self.slice).slice:cri-containerd:\(Self.id)/lxc.payload.\\x2d"
                .utf8
        )
        for count in 0...path.count { #expect(!read(Array(path.prefix(count))).isEmpty) }
    }

    @Test func aRuntimeIsKnownByTheNamesThatAreInUse() {
        for runtime in ContainerRuntime.allCases { #expect(ContainerRuntime(name: "\(runtime.name)") == runtime) }
        #expect(ContainerRuntime(name: "nspawn") == .nspawn)
        #expect(ContainerRuntime(name: "kube") == .kubernetes)
        #expect(ContainerRuntime(name: "not-found") == nil)
    }
}
