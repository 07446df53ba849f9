/// Registers by their names, of every architecture that Martlet runs on.
package enum CPURegister {
    /// All of them: which ones a machine has is the plan's to say.
    package static let names: Set<String> = {
        var names: Set<String> = ["rip", "eip", "ip", "pc", "lr", "fp", "eflags", "orig_rax", "cs", "ss", "pstate"]
        for name in ["ax", "bx", "cx", "dx", "si", "di", "bp", "sp"] {
            names.formUnion([name, "e" + name, "r" + name])
        }
        for name in ["al", "ah", "bl", "bh", "cl", "ch", "dl", "dh", "sil", "dil", "bpl", "spl"] { names.insert(name) }
        for number in 8...15 { for width in ["", "d", "w", "b"] { names.insert("r\(number)\(width)") } }
        for number in 0...30 { names.formUnion(["x\(number)", "w\(number)"]) }
        return names
    }()
}
