import CLibBPF

extension BPFObject {
    /// Loads like `load()`, and tells for each program how many instructions the verifier looked at.
    ///
    /// It asks the verifier itself, which also kernels before 5.16 answer, where no program remembers the number.
    public consuming func load(
        telling body: (_ program: String, _ instructions: Int) -> Void
    ) throws(BPFError) -> BPFLoaded<Skeleton> {
        let size = 64 << 10
        var logs: [(program: OpaquePointer, text: UnsafeMutablePointer<CChar>)] = []
        defer { for log in logs { log.text.deallocate() } }
        var program = bpf_object__next_program(handle, nil)
        while let current = program {
            let text = UnsafeMutablePointer<CChar>.allocate(capacity: size)
            text.initialize(repeating: 0, count: size)
            logs.append((current, text))
            bpf_program__set_log_level(current, Self.statistics)
            bpf_program__set_log_buf(current, text, size)
            program = bpf_object__next_program(handle, current)
        }
        let loaded = try load()
        for log in logs where bpf_program__fd(log.program) >= 0 {
            guard let count = Self.instructions(String(cString: log.text)) else { continue }
            body(String(cString: bpf_program__name(log.program)), count)
        }
        // The programs must not point at what is about to go.
        for log in logs { bpf_program__set_log_buf(log.program, nil, 0) }
        return loaded
    }

    /// `BPF_LOG_STATS` of the kernel: a few lines at the end, instead of every step.
    private static var statistics: UInt32 { 4 }

    /// Of `processed 123 insns (limit 1000000) …`.
    private static func instructions(_ log: String) -> Int? {
        let line = log.split(separator: "\n").last { $0.hasPrefix("processed ") }
        return line.flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) }
    }
}
