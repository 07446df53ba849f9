// swift-tools-version: 6.2

import PackageDescription

/// Our own targets keep to warnings as errors; packages that we depend on are not ours to judge.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableExperimentalFeature("Lifetimes"),
]

/// The archives that a fully static binary needs; in a dynamic one the linker takes what it uses of them.
let libbpfArchives: [LinkerSetting] = [
    .linkedLibrary("bpf"), .linkedLibrary("elf"), .linkedLibrary("z"), .linkedLibrary("zstd"),
]

/// gRPC over a channel that we connect ourselves, to look at its other end first. The product that is named after Apple's
/// network framework is, on Linux, the transport's core alone: the one for POSIX sockets brings TLS, and BoringSSL with it.
let grpc: [Target.Dependency] = [
    .product(name: "GRPCCore", package: "grpc-swift-2"),
    .product(name: "GRPCNIOTransportHTTP2TransportServices", package: "grpc-swift-nio-transport"),
    .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
]

/// What code that is generated from .proto files imports; it is not held to `strict`.
let protobuf: [Target.Dependency] = [
    .product(name: "GRPCCore", package: "grpc-swift-2"),
    .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf"),
    .product(name: "SwiftProtobuf", package: "swift-protobuf"),
]

let package = Package(
    name: "martlet",
    products: [
        .executable(name: "martlet", targets: ["martlet"]),
        .executable(name: "martlet-postgres", targets: ["martlet-postgres"]),
        .library(name: "BPF", targets: ["BPF"]),
        .plugin(name: "BPFCompiler", targets: ["BPFCompiler"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
        .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
        .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.42.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.34.0"),
    ],
    targets: [
        // From the ground up; each imports only what stands above it.
        .target(name: "CPrivileges", linkerSettings: [.linkedLibrary("seccomp")]),
        .target(name: "CLibBPF", dependencies: ["CPrivileges"], linkerSettings: libbpfArchives),
        .target(name: "CLinux"),
        .target(name: "CWire"),
        .target(
            name: "BPF",
            dependencies: ["CLibBPF", .product(name: "Logging", package: "swift-log")],
            swiftSettings: strict
        ),
        .executableTarget(name: "BPFSkeleton", swiftSettings: strict),
        .plugin(name: "BPFCompiler", capability: .buildTool(), dependencies: ["BPFSkeleton"]),
        .systemLibrary(name: "CZlib"),
        .target(name: "Model", dependencies: ["CWire"], swiftSettings: strict),
        .target(
            name: "Probes",
            dependencies: [
                "BPF", "CLinux", "CPrivileges", "CWire", "Model", .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["bpf"],
            swiftSettings: strict,
            plugins: ["BPFCompiler"]
        ),
        .target(
            name: "Filters",
            dependencies: [
                "BPF", "CWire", "Model", "Probes", "UserInput", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(name: "workload", path: "Benchmarks/workload"),
        .executableTarget(
            name: "EmptyHooks",
            dependencies: ["BPF"],
            path: "Benchmarks/empty",
            exclude: ["empty.bpf.c"],
            swiftSettings: strict,
            plugins: ["BPFCompiler"]
        ),
        .executableTarget(
            name: "PipelineBench",
            dependencies: ["BPF", "CWire", "Collector", "Engine", "Formats", "Model", "Probes", "Rules"],
            path: "Benchmarks/Pipeline",
            exclude: ["fill.bpf.c"],
            swiftSettings: strict,
            plugins: ["BPFCompiler"]
        ),
        .target(name: "Formats", dependencies: ["CWire", "Model"], swiftSettings: strict),
        .target(name: "BPFDAPI", dependencies: protobuf, exclude: ["api.proto"]),
        .target(name: "CRI", dependencies: protobuf, exclude: ["runtime.proto"]),
        .target(name: "MartletV1", dependencies: protobuf, exclude: ["agent.proto"]),
        .target(
            name: "Collector",
            dependencies: ["BPF", "CLinux", "CPrivileges", "CRI", "CWire", "CZlib", "Model", "Probes", "Formats"]
                + grpc,
            swiftSettings: strict
        ),
        .target(name: "PostgresLink", swiftSettings: strict),
        .systemLibrary(name: "CLibPQ"),
        .executableTarget(
            name: "martlet-postgres",
            dependencies: ["CLibPQ", "PostgresLink"],
            swiftSettings: strict,
            // libpq cannot be linked statically; the rest needs nothing but it and the C library.
            linkerSettings: [.unsafeFlags(["-static-stdlib"])]
        ),
        .target(name: "UserInput", dependencies: ["Model"], swiftSettings: strict),
        .target(
            name: "Rules",
            dependencies: ["CWire", "Formats", "Model", "UserInput"],
            swiftSettings: strict
        ),
        .target(name: "Engine", dependencies: ["CWire", "Model", "UserInput"], swiftSettings: strict),
        .target(
            name: "Policies",
            dependencies: [
                "BPF", "CWire", "Filters", "Model", "UserInput", "Probes",
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Outputs",
            dependencies: [
                "CPrivileges", "CWire", "CZlib", "Model", "Formats", "Collector", "Engine", "PostgresLink",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"), .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "API",
            dependencies: [
                "BPFDAPI", "CLinux", "CWire", "MartletV1", "Model", "UserInput", "Formats", "Collector", "Engine",
                "Outputs",
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ] + grpc + protobuf.dropFirst(),
            swiftSettings: strict
        ),
        .target(
            name: "Agent",
            dependencies: [
                "API", "BPF", "CLinux", "CPrivileges", "CWire", "Filters", "Model", "UserInput", "Policies",
                "Probes", "Formats", "Collector", "Engine", "Outputs", "Rules",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Doctor",
            dependencies: [
                "BPF", "CLinux", "Probes", "UserInput", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "docgen",
            dependencies: ["API", "Agent", "Doctor", "Formats", "Policies"],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "martlet",
            dependencies: [
                "API", "Agent", "BPFDAPI", "Collector", "Doctor", "Engine", "Formats", "MartletV1", "Model",
                "Outputs", "UserInput", "Policies", "Probes", "Rules",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "GRPCCore", package: "grpc-swift-2"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict,
            // The package manager knows of no fully static executable: the archives that Foundation needs are named by hand.
            linkerSettings: [
                .unsafeFlags(["-static-executable"]), .linkedLibrary("_FoundationCollections"),
                .linkedLibrary("_FoundationCShims"), .linkedLibrary("CoreFoundation"), .linkedLibrary("_FoundationICU"),
                .linkedLibrary("FoundationInternationalization"), .linkedLibrary("stdc++"), .linkedLibrary("m"),
            ]
        ),

        // No dependency on the tool: it would be linked twice, as itself and as the plugin's.
        .testTarget(name: "BPFSkeletonTests", swiftSettings: strict),
        .testTarget(
            name: "BPFTests",
            dependencies: ["BPF"],
            exclude: ["bpf"],
            swiftSettings: strict,
            plugins: ["BPFCompiler"]
        ),
        // Records and batches for the tests below.
        .target(
            name: "Fixtures",
            dependencies: ["CWire", "Model", "Formats", "Collector"],
            path: "Tests/Fixtures",
            swiftSettings: strict
        ),
        .testTarget(name: "ModelTests", dependencies: ["CWire", "Model", "Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "FormatsTests",
            dependencies: ["CWire", "Model", "Formats", "Fixtures"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CollectorTests",
            dependencies: ["BPF", "CRI", "CWire", "Model", "Formats", "Collector", "Fixtures"] + grpc,
            swiftSettings: strict
        ),
        .testTarget(
            name: "EngineTests",
            dependencies: ["CWire", "Model", "UserInput", "Engine", "Fixtures"],
            swiftSettings: strict
        ),
        .testTarget(name: "UserInputTests", dependencies: ["UserInput"], swiftSettings: strict),
        .testTarget(
            name: "RulesTests",
            dependencies: ["CWire", "Collector", "Fixtures", "Formats", "Model", "UserInput", "Rules"],
            swiftSettings: strict
        ),
        // What conditions mean, said a second time and plainly, for the tests of the filter engine.
        .target(
            name: "FilterReference",
            dependencies: ["Filters"],
            path: "Tests/FilterReference",
            swiftSettings: strict
        ),
        .testTarget(
            name: "FiltersTests",
            dependencies: ["CWire", "FilterReference", "Filters", "Fixtures", "Model", "Probes", "UserInput"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PoliciesTests",
            dependencies: [
                "BPF", "CLibBPF", "CWire", "FilterReference", "Filters", "Model", "UserInput", "Policies", "Probes",
            ],
            exclude: ["Descriptions.txt", "Faults.txt", "Policies"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "OutputsTests",
            dependencies: [
                "CWire", "Model", "UserInput", "Formats", "Collector", "Engine", "Outputs", "PostgresLink", "Fixtures",
                .product(name: "GRDBSQLite", package: "GRDB.swift"), .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "PostgresBench",
            dependencies: [
                "CWire", "Fixtures", "Model", "Outputs", .product(name: "Logging", package: "swift-log"),
            ],
            path: "Benchmarks/Postgres",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "SpoolBench",
            dependencies: [
                "CWire", "Fixtures", "Formats", "Model", "Outputs", .product(name: "Logging", package: "swift-log"),
            ],
            path: "Benchmarks/Spool",
            swiftSettings: strict
        ),
        // What a process may do after it gave up the rest, tried by one that may: part of no product.
        .target(name: "CForbidden", path: "Tests/CForbidden"),
        .executableTarget(
            name: "confined",
            dependencies: [
                "Agent", "CForbidden", "CPrivileges", "Outputs", .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/confined",
            swiftSettings: strict
        ),
        .testTarget(
            name: "AgentTests",
            dependencies: ["API", "Agent", "Collector", "Engine", "Fixtures", "Formats", "Model", "Outputs", "Probes"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "APITests",
            dependencies: [
                "API", "Agent", "BPFDAPI", "CWire", "Collector", "Engine", "Fixtures", "Formats", "MartletV1",
                "Model", "Outputs", "UserInput",
                .product(name: "Logging", package: "swift-log"),
            ] + grpc,
            swiftSettings: strict
        ),
        // An agent without a kernel, to be killed: part of no product.
        .executableTarget(
            name: "sender",
            dependencies: [
                "Collector", "Fixtures", "Model", "Outputs", .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/sender",
            swiftSettings: strict
        ),
        .testTarget(
            name: "PostgresTests",
            dependencies: [
                "CWire", "Fixtures", "Formats", "Model", "Outputs", "PostgresLink",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(name: "DoctorTests", dependencies: ["Doctor", "Probes", "Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "MartletTests",
            dependencies: [
                "API", "Model", "Collector", "Doctor", "Fixtures", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .target(name: "CRIPods", dependencies: protobuf + grpc, path: "Tests/CRIPods", exclude: ["pods.proto"]),
        .testTarget(
            name: "KernelTests",
            dependencies: [
                "BPF", "CLibBPF", "CRIPods", "CWire", "Doctor", "FilterReference", "Filters", "Model", "Policies",
                "Probes",
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["verifier-thresholds.tsv"],
            swiftSettings: strict
        ),
    ]
)
