// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "execs",
    dependencies: [.package(name: "martlet", path: "../..")],
    targets: [
        .executableTarget(
            name: "execs",
            dependencies: [.product(name: "BPF", package: "martlet")],
            exclude: ["execs.bpf.c"],
            plugins: [.plugin(name: "BPFCompiler", package: "martlet")]
        )
    ]
)
