import Model

/// Where the process of a store's row ran; valid until the statement's next step.
struct StoredPlacement: Placement {
    /// What the statement must select, of execution `x` with context `c`.
    static let columns =
        fields.map { name in Fields.process.first { $0.name == name }.map(StoreViews.value) ?? "NULL" }
        + ["x.detail IS NULL AND x.binary IS NOT NULL"]

    private static let fields = [
        "container.id", "container.name", "container.runtime", "pod.uid", "pod.namespace", "pod.name", "unit", "cgroup",
        "marks",
    ]

    private let row: StoreStatement
    private let first: Int32

    init(row: StoreStatement, from first: Int32) {
        self.row = row
        self.first = first
    }

    var containerID: UnsafeRawBufferPointer? { row.bytes(first) }
    var containerName: UnsafeRawBufferPointer? { row.bytes(first + 1) }
    var containerRuntime: ContainerRuntime? { row.text(first + 2).flatMap(ContainerRuntime.init(name:)) }
    var podUID: UnsafeRawBufferPointer? { row.bytes(first + 3) }
    var podNamespace: UnsafeRawBufferPointer? { row.bytes(first + 4) }
    var podName: UnsafeRawBufferPointer? { row.bytes(first + 5) }
    var unit: UnsafeRawBufferPointer? { row.bytes(first + 6) }

    var isOnHost: Bool {
        guard row.isNull(first) else { return false }
        // What was forked and began no program has no details of its own: a binary says that its group was known.
        if row.isNull(first + 7) { return row.number(first + 9) != 0 }
        return !(row.text(first + 8) ?? "").contains("\"cgroup_truncated\"")
    }
}
