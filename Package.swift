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

let package = Package(
    name: "martlet",
    products: [
        .executable(name: "martlet", targets: ["martlet"]),
        .library(name: "BPF", targets: ["BPF"]),
        .plugin(name: "BPFCompiler", targets: ["BPFCompiler"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
    ],
    targets: [
        // From the ground up; each imports only what stands above it.
        .target(name: "CLibBPF", linkerSettings: libbpfArchives),
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
            dependencies: ["BPF", "CLinux", "CWire", "Model", .product(name: "Logging", package: "swift-log")],
            exclude: ["bpf"],
            swiftSettings: strict,
            plugins: ["BPFCompiler"]
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
            dependencies: ["BPF", "CWire", "Collector", "Engine", "Formats", "Model", "Probes"],
            path: "Benchmarks/Pipeline",
            exclude: ["fill.bpf.c"],
            swiftSettings: strict,
            plugins: ["BPFCompiler"]
        ),
        .target(name: "Formats", dependencies: ["CWire", "Model"], swiftSettings: strict),
        .target(
            name: "Collector",
            dependencies: ["BPF", "CLinux", "CWire", "CZlib", "Model", "Probes", "Formats"],
            swiftSettings: strict
        ),
        .target(name: "Engine", dependencies: ["CWire", "Model"], swiftSettings: strict),
        .target(
            name: "Outputs",
            dependencies: [
                "CWire", "Model", "Formats", "Collector", "Engine", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"), .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Agent",
            dependencies: [
                "BPF", "CLinux", "Model", "Probes", "Formats", "Collector", "Engine", "Outputs",
                .product(name: "Logging", package: "swift-log"), .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Doctor",
            dependencies: ["BPF", "CLinux", "Probes", .product(name: "Logging", package: "swift-log")],
            swiftSettings: strict
        ),
        .executableTarget(name: "docgen", dependencies: ["Agent", "Doctor", "Formats"], swiftSettings: strict),
        .executableTarget(
            name: "martlet",
            dependencies: [
                "Agent", "Collector", "Doctor", "Engine", "Formats", "Model", "Outputs", "Probes",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
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
            dependencies: ["CWire", "Model", "Formats", "Collector", "Fixtures"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "EngineTests",
            dependencies: ["CWire", "Model", "Engine", "Fixtures"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "OutputsTests",
            dependencies: [
                "CWire", "Model", "Formats", "Collector", "Engine", "Outputs", "Fixtures",
                .product(name: "GRDBSQLite", package: "GRDB.swift"), .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "AgentTests",
            dependencies: ["Agent", "Engine", "Fixtures", "Model", "Outputs"],
            swiftSettings: strict
        ),
        .testTarget(name: "DoctorTests", dependencies: ["Doctor", "Probes", "Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "MartletTests",
            dependencies: ["Model", "Collector", "Doctor", "Fixtures"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "KernelTests",
            dependencies: [
                "BPF", "CLibBPF", "Doctor", "Model", "Probes", .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["verifier-thresholds.tsv"],
            swiftSettings: strict
        ),
    ]
)
