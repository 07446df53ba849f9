import BPF

/// The hooks on system calls: one program on their way in and one on their way out jump to them by number.
package final class SyscallHooks {
    private let loaded: BPFLoaded<HookCallsSkeleton>
    private var links: [HookPoint.Attachment: LinkBox] = [:]
    private var chains: [Place: [HookProgram]] = [:]

    private struct Place: Hashable {
        let attachment: HookPoint.Attachment
        let number: UInt32
    }

    /// The kernel's limit of jumps in a row, less the first one (MAX_TAIL_CALL_CNT).
    private static let longest = 32

    package init() throws(BPFError) { loaded = try BPFObject(HookCallsSkeleton.self).load() }

    /// Has calls lead to a program, too: all of its calls or none.
    package func add(_ program: HookProgram) throws(BPFError) {
        do throws(BPFError) {
            try append(program)
        } catch {
            try? remove(program)
            throw error
        }
    }

    private func append(_ program: HookProgram) throws(BPFError) {
        let attachment = program.point.attachment
        for number in program.numbers {
            let place = Place(attachment: attachment, number: number)
            let chain = chains[place, default: []]
            guard chain.count < Self.longest else {
                throw BPFError(
                    step: .attach,
                    subject: "program \(program.point.functions[0].name)",
                    errno: 0,
                    log: ["\(Self.longest) hooks are on system call \(number) already"]
                )
            }
            if let last = chain.last {
                try last.setFollowing(number, program)
            } else {
                try first(attachment).set(number, program: try program.entryProgram)
            }
            chains[place] = chain + [program]
        }
        if links[attachment] == nil {
            let entry = attachment == .syscallEnter
            links[attachment] = LinkBox(try loaded.program(entry ? .syscall_entered : .syscall_returned).attach())
        }
    }

    /// Has each call lead to a program in place of another one of the same hook, between one call and the next.
    package func replace(_ old: HookProgram, by new: HookProgram) throws(BPFError) {
        for number in old.numbers {
            guard let (place, chain, index) = find(old, number) else { continue }
            try new.setFollowing(number, index + 1 < chain.count ? chain[index + 1] : nil)
            try lead(place, chain, index, to: new)
            chains[place]?[index] = new
        }
    }

    /// Calls no longer lead to a program; those before and behind it miss nothing.
    package func remove(_ program: HookProgram) throws(BPFError) {
        for number in program.numbers {
            guard let (place, chain, index) = find(program, number) else { continue }
            try lead(place, chain, index, to: index + 1 < chain.count ? chain[index + 1] : nil)
            chains[place]?.remove(at: index)
            if chain.count == 1 { chains[place] = nil }
        }
        let attachment = program.point.attachment
        if !chains.keys.contains(where: { $0.attachment == attachment }) { links[attachment] = nil }
    }

    private func find(_ program: HookProgram, _ number: UInt32) -> (Place, [HookProgram], Int)? {
        let place = Place(attachment: program.point.attachment, number: number)
        guard let chain = chains[place], let index = chain.firstIndex(where: { $0 === program }) else { return nil }
        return (place, chain, index)
    }

    /// Changes what leads to a link of a chain.
    private func lead(_ place: Place, _ chain: [HookProgram], _ index: Int, to next: HookProgram?) throws(BPFError) {
        if index > 0 {
            try chain[index - 1].setFollowing(place.number, next)
        } else if let next {
            try first(place.attachment).set(place.number, program: try next.entryProgram)
        } else {
            try first(place.attachment).clear(place.number)
        }
    }

    private func first(_ attachment: HookPoint.Attachment) throws(BPFError) -> BPFMapReference {
        try loaded.map(attachment == .syscallEnter ? .entered : .returned)
    }

    /// System calls that the kernel did not show because it was showing another one on the same CPU.
    package func misses() throws(BPFError) -> UInt64 {
        try loaded.program(.syscall_entered).information.recursionMisses
            + loaded.program(.syscall_returned).information.recursionMisses
    }
}

extension HookProgram {
    /// The numbers of its system calls; those of the 32-bit table may be the same.
    fileprivate var numbers: Set<UInt32> { Set(point.functions.map { UInt32(truncatingIfNeeded: $0.number) }) }
}
