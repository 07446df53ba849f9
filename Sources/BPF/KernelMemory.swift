import Glibc

/// What a map or program takes in the kernel, as `/proc/self/fdinfo` has it.
enum KernelMemory {
    /// Bytes; 0 where the kernel does not tell.
    static func of(_ descriptor: Int32) -> Int {
        guard let file = fopen("/proc/self/fdinfo/\(descriptor)", "re") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard text.hasPrefix("memlock:") else { continue }
            return Int(text.dropFirst(8).filter(\.isNumber)) ?? 0
        }
        return 0
    }
}

extension BPFMapReference {
    /// Bytes that it takes in the kernel, what it leads to left out; 0 where the kernel does not tell. Reads a file.
    public var memory: Int { KernelMemory.of(descriptor) }
}

extension BPFProgram {
    /// Bytes that it takes in the kernel; 0 where the kernel does not tell. Reads a file.
    public var memory: Int { KernelMemory.of(descriptor) }
}
