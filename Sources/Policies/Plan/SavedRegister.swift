/// Where a register is in the kernel's `struct pt_regs`, which is fixed: programs see it in their core files.
struct SavedRegister: Equatable {
    let offset: Int
    let width: Int

    /// That of a name; nil where the machine has none.
    init?(_ name: String, _ machine: SystemCallTable.Machine) {
        let found =
            switch machine {
            case .x86_64: Self.x86[name]
            case .arm64: Self.arm(name)
            }
        guard let found else { return nil }
        self = found
    }

    private init(_ offset: Int, _ width: Int) {
        self.offset = offset
        self.width = width
    }

    private static let x86: [String: SavedRegister] = {
        var all: [String: SavedRegister] = [:]
        let order = [
            "r15", "r14", "r13", "r12", "bp", "bx", "r11", "r10", "r9", "r8", "ax", "cx", "dx", "si", "di", "orig_rax",
            "ip", "cs", "eflags", "sp", "ss",
        ]
        for (position, name) in order.enumerated() {
            let offset = position * 8
            switch name {
            case "ax", "bx", "cx", "dx", "si", "di", "bp", "sp", "ip":
                all["r\(name)"] = SavedRegister(offset, 8)
                all["e\(name)"] = SavedRegister(offset, 4)
                all[name] = SavedRegister(offset, 2)
                let short = name.last == "x" ? String(name.dropLast()) : name
                all["\(short)l"] = SavedRegister(offset, 1)
                if name.last == "x" { all["\(short)h"] = SavedRegister(offset + 1, 1) }
            case "orig_rax", "cs", "eflags", "ss": all[name] = SavedRegister(offset, 8)
            default:
                for (suffix, width) in [("", 8), ("d", 4), ("w", 2), ("b", 1)] {
                    all[name + suffix] = SavedRegister(offset, width)
                }
            }
        }
        return all
    }()

    private static func arm(_ name: String) -> SavedRegister? {
        switch name {
        case "fp": return SavedRegister(29 * 8, 8)
        case "lr": return SavedRegister(30 * 8, 8)
        case "sp": return SavedRegister(31 * 8, 8)
        case "pc": return SavedRegister(32 * 8, 8)
        case "pstate": return SavedRegister(33 * 8, 8)
        default:
            guard let number = Int(name.dropFirst()), (0...30).contains(number) else { return nil }
            switch name.first {
            case "x": return SavedRegister(number * 8, 8)
            case "w": return SavedRegister(number * 8, 4)
            default: return nil
            }
        }
    }
}
