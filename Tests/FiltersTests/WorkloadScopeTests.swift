import CWire
import Filters
import Fixtures
import Model
import Testing

/// Which containers a policy for pods and containers means.
@Suite struct WorkloadScopeTests {
    private static let id = String(repeating: "2f1c9be01d5a4c8e", count: 4)

    private func container(_ path: String, _ answer: [UInt8]? = nil) throws -> Container {
        let container = try Array(path.utf8).withUnsafeBytes { try #require(Container(ContainerPath($0), in: $0)) }
        return answer.map { Container(container, answer: Bytes($0)) } ?? container
    }

    private func group(_ path: String) throws -> String {
        let group = try container(path).group
        return withExtendedLifetime(group) { String(decoding: group.buffer, as: UTF8.self) }
    }

    private func selector(_ key: String, _ operator: LabelSelector.Operator, _ values: String...) -> LabelSelector {
        LabelSelector(requirements: [.init(key: key, operator: `operator`, values: values)])
    }

    private var docker: String { "/system.slice/docker-\(Self.id).scope" }
    private var pod: String { "/kubepods/pod8f0d4a1e-5f2b-4c3d-9e8f-7a6b5c4d3e2f/\(Self.id)" }
    private let all = LabelSelector(requirements: [])

    @Test func `The group of a container ends with it, whatever lies in it`() throws {
        let path = "\(docker)/init.scope"
        #expect(try group(path) == docker)
        #expect(try group(pod) == pod)
    }

    @Test func `A selector of pods means containers of pods alone`() throws {
        let scope = WorkloadScope(pods: all, containers: nil, includesHost: false)
        #expect(scope.selects(try container(pod)))
        #expect(!scope.selects(try container(docker)))
        let podman = Records.container(Self.id, at: 1) { $0.body.pod = $0.text("mine") }
        #expect(scope.selects(try container(docker, podman)))
        // With the host go containers of no pod.
        let web = selector("app", .isIn, "web")
        let both = WorkloadScope(pods: web, containers: nil, includesHost: true)
        #expect(both.selects(try container(docker)))
        #expect(!both.selects(try container(pod)))
        // The host alone is no container.
        let host = WorkloadScope(pods: nil, containers: nil, includesHost: true)
        for path in [docker, pod] { #expect(!host.selects(try container(path))) }
    }

    @Test func `Names, repositories and labels are compared once the engine has told them`() throws {
        let answer = Records.container(
            Self.id,
            at: 1,
            name: "k8s_web",
            image: "registry:5000/front/web:1.2@sha256:00",
            labels: ["tier=front", "empty="]
        ) {
            $0.body.pod = $0.text("web-1")
            $0.body.pod_namespace = $0.text("shop")
            $0.body.pod_container = $0.text("web")
        }
        let (unnamed, named) = (try container(pod), try container(pod, answer))
        func selects(_ container: Container, _ namespace: String?, _ pods: LabelSelector?, _ words: LabelSelector?)
            -> Bool
        {
            WorkloadScope(namespace: namespace, pods: pods, containers: words, includesHost: false).selects(container)
        }
        let name = selector("name", .isIn, "web")
        #expect(selects(named, nil, nil, name) && !selects(unnamed, nil, nil, name))
        #expect(selects(named, nil, nil, selector("repo", .isIn, "registry:5000/front/web")))
        #expect(!selects(named, nil, nil, selector("repo", .isIn, "registry:5000/front/web:1.2")))
        #expect(selects(named, "shop", nil, nil) && !selects(named, "other", nil, nil))
        #expect(!selects(unnamed, "shop", nil, nil))
        #expect(selects(named, nil, selector("tier", .isIn, "back", "front"), name))
        #expect(!selects(named, nil, selector("tier", .isNotIn, "front"), nil))
        #expect(selects(named, nil, selector("empty", .exists), nil))
        #expect(selects(named, nil, selector("none", .doesNotExist), nil))
    }
}
