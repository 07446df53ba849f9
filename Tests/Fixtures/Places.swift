/// Processes that run in different places: what filters by container, pod and unit are tried on.
package enum Places {
    /// Of the docker container, which is called shop-db.
    package static let id = String(repeating: "2f1c9be01d5a4c8e", count: 4)
    /// Of the pod.
    package static let uid = "8f0d4a1e-5f2b-4c3d-9e8f-7a6b5c4d3e2f"

    /// 1 host, 2 truncated, 3 unknown, 4 docker with a name, 5 a pod, 6 LXC, 7 a user's session; each ends in the end.
    package static let records: [[UInt8]] =
        [
            exec(1, "/system.slice/ssh.service"), exec(2, "/a/b", marks: 0x80), exec(3, nil), exec(4, "/docker/\(id)"),
            exec(5, "/kubepods/pod\(uid)/\(String(id.reversed()))"), exec(6, "/lxc.payload.web"),
            exec(7, "/user.slice/user-7.slice/session-3.scope"),
            Records.container(id, at: 100, name: "shop-db") {
                $0.body.pod = $0.text("db-0")
                $0.body.pod_namespace = $0.text("shop")
            },
        ] + (1...7).map { Records.exit(Who($0, start: 1), at: 200) }

    private static func exec(_ tgid: UInt32, _ cgroup: String?, marks: UInt32 = 0) -> [UInt8] {
        Records.exec(Who(tgid, start: 1), of: Who(99, start: 1), at: 50) {
            $0.body.cgroup = $0.text(cgroup)
            $0.body.marks = marks
        }
    }
}
