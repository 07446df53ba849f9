import Doctor
import Testing

@Suite struct KernelsDocumentTests {
    private func column(_ title: String, _ checks: [Check]) -> KernelsDocument.Column {
        KernelsDocument.Column(
            title: title,
            report: Report(martlet: "1", kernel: "\(title).0-test", architecture: "x86_64", checks: checks)
        )
    }

    @Test func `A row for each check, a column for each kernel, reasons below, each once`() {
        let refused = Check(.hooks, "kprobe", .failed, "load: a | b", log: ["decisive"])
        let text = KernelsDocument.text([
            column("5.10", [Check(.kernel, "btf", .ok, "x"), refused]),
            column("6.1", [Check(.kernel, "btf", .ok, "y"), refused, Check(.hooks, "fexit", .ok, "ran")]),
        ])
        #expect(text.contains("\n| | 5.10 | 6.1 |\n|---|---|---|\n| release | 5.10.0-test | 6.1.0-test |\n"))
        #expect(text.contains("\n| **verdict** | **everything** | **everything** |\n"))
        #expect(text.contains("\n| `btf` | ok | ok |\n"))
        #expect(text.contains("\n| `kprobe` | no (1) | no (1) |\n"))
        #expect(text.contains("\n| `fexit` | – | ok |\n"))
        #expect(text.hasSuffix("\n1. load: a \\| b; decisive\n"))
    }

    @Test func `What is a matter of the machine has no row`() {
        let text = KernelsDocument.text([
            column("6.1", [Check(.machine, "cpus", .ok, "2"), Check(.containers, "docker", .ok, "answers")])
        ])
        #expect(!text.contains("cpus"))
        #expect(!text.contains("docker`"))
    }
}
