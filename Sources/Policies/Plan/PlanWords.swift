import BPF
import UserInput

/// Parts of sentences about what a kernel has.
enum PlanWords {
    static let needsTypes = "it takes CONFIG_DEBUG_INFO_BTF"

    static func noArgument(_ index: Int, _ function: String, _ count: Int) -> String {
        switch count {
        case 0: "\(function) takes no arguments"
        case 1: "\(function) has no argument \(index); it takes one, which is argument 0"
        default: "\(function) has no argument \(index); it takes \(count), from 0 to \(count - 1)"
        }
    }

    /// What was probably meant: kernels have too many names to compare them all letter by letter.
    static func nearest(_ name: String, among names: [String]) -> String? {
        let length = name.utf8.count
        let first = name.utf8.first
        return NearestName.of(name, among: names.filter { $0.utf8.first == first && abs($0.utf8.count - length) <= 3 })
    }

    static func did(_ name: String, among names: [String]) -> String {
        nearest(name, among: names).map { "; did you mean \($0)?" } ?? ""
    }

    static func of(_ error: KernelTypes.MemberError) -> String {
        switch error {
        case .noMember(let name, let type, let members):
            let nearest = NearestName.of(name, among: members)
            let remedy =
                nearest.map { "did you mean \($0)?" } ?? "it has \(Words.list(members, "and"))"
            return "\(type.name) has no member '\(VisibleText.of(name))'; \(remedy)"
        case .noStructure(let type): return "\(type.name) has no members: end the way before"
        case .noArray(let type): return "\(type.name) is no array: take out the [ ]"
        case .outside(let index, let count):
            return "there is no element \(index); it has \(count), from 0 to \(count - 1)"
        case .incomplete(let type):
            return "this kernel does not tell what \(type.name) holds; a module may: name it with btfTypeModule"
        }
    }
}
