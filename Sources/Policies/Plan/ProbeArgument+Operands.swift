extension ProbeArgument {
    /// An operand as x86's assemblers write it: `$5`, `%eax`, `-20(%rbp)`, `8(%rax,%rcx,4)`.
    static func x86(_ text: String) throws(Problem) -> Operand {
        if text.hasPrefix("$") {
            guard let number = number(text.dropFirst()) else { throw byName(text) }
            return .constant(number)
        }
        if text.hasPrefix("%") {
            guard let register = SavedRegister(String(text.dropFirst()), .x86_64) else { throw unknown(text) }
            return .register(register)
        }
        guard let open = text.firstIndex(of: "("), text.hasSuffix(")") else { throw unknown(text) }
        let before = text[..<open]
        let parts = text[text.index(after: open)...].dropLast().split(
            separator: ",",
            omittingEmptySubsequences: false
        ).map { $0.filter { $0 != " " } }
        guard (1...3).contains(parts.count), let base = whole(parts[0], "%", .x86_64) else { throw unknown(text) }
        guard parts[0] != "%rip" else { throw byName(text) }
        guard let displacement = before.isEmpty ? 0 : number(before) else { throw byName(text) }
        var address = Address(base: base, displacement: displacement)
        guard parts.count > 1 else { return .memory(address) }
        guard let index = whole(parts[1], "%", .x86_64) else { throw unknown(text) }
        let scales = ["1", "2", "4", "8"]
        guard let shift = parts.count == 3 ? scales.firstIndex(of: parts[2]) : 0 else { throw unknown(text) }
        (address.index, address.shift) = (index, shift)
        return .memory(address)
    }

    /// An operand as arm64's assemblers write it: `5`, `x0`, `[sp, 12]`, `[x0, x1, lsl 3]`.
    static func arm(_ text: String) throws(Problem) -> Operand {
        guard text.hasPrefix("[") else {
            if let number = number(text.hasPrefix("#") ? text.dropFirst() : text[...]) { return .constant(number) }
            guard let register = SavedRegister(text, .arm64) else { throw unknown(text) }
            return .register(register)
        }
        guard text.hasSuffix("]") else { throw unknown(text) }
        let parts = text.dropFirst().dropLast().split(separator: ",").map { part in
            part.drop { $0 == " " }.filter { $0 != "#" }
        }
        guard (1...3).contains(parts.count), let base = whole(parts[0], "", .arm64) else { throw unknown(text) }
        var address = Address(base: base)
        guard parts.count > 1 else { return .memory(address) }
        if parts.count == 2, let displacement = number(parts[1]) {
            address.displacement = displacement
            return .memory(address)
        }
        let shifts = ["lsl 0", "lsl 1", "lsl 2", "lsl 3"]
        guard let index = whole(parts[1], "", .arm64),
            let shift = parts.count == 3 ? shifts.firstIndex(of: parts[2]) : 0
        else { throw unknown(text) }
        (address.index, address.shift) = (index, shift)
        return .memory(address)
    }

    private static func byName(_ text: String) -> Problem {
        Problem(what: "is at '\(VisibleText.of(text))', a variable by its name, which cannot be looked up yet")
    }

    /// A register that has a whole address.
    private static func whole(_ text: String, _ mark: String, _ machine: SystemCallTable.Machine) -> SavedRegister? {
        guard text.hasPrefix(mark), let register = SavedRegister(String(text.dropFirst(mark.count)), machine),
            register.width == 8
        else { return nil }
        return register
    }
}
