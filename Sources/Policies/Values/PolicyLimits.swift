/// How large policies may be: far above what people write, and fixed, so that nothing from outside can take all memory or time.
package enum PolicyLimits {
    /// Of one file: a thousand large policies have some megabytes.
    package static let fileBytes = 16 << 20
    /// Documents in one file.
    package static let documents = 10_000
    /// Mappings, lists and values in one document, each alias counted with all that it stands for.
    package static let nodes = 500_000
    /// Mappings and lists in one another; policies have some ten.
    package static let depth = 64
    /// Faults that are told of one document: who mends these finds the others then.
    package static let problems = 1000
    /// Hooks in one section: the kernel has some 50,000 functions, but lists are there for many.
    package static let hooks = 4096
    /// Selectors of one hook: a bit of one 64-bit word each, in the kernel's maps.
    package static let selectors = 64
    /// Filters of one kind in one selector.
    package static let filters = 64
    /// Actions of one selector: as many kinds as there are, and some twice.
    package static let actions = 16
    /// What one hook reads: with 4 KiB each still one record's size.
    package static let arguments = 16
    /// The last argument of a function that BPF can read (the kernel's MAX_BPF_FUNC_ARGS is 12).
    package static let argumentIndex = 11
    /// The last field of a tracepoint, the four common ones counted.
    package static let fieldIndex = 63
    /// Steps through structs: each is a read in the kernel.
    package static let resolveSteps = 16
    /// Values of one filter: they are entries of a map.
    package static let values = 65_536
    /// The longest text that is compared as a whole: PATH_MAX.
    package static let textBytes = 4096
    /// The longest beginning or end that is compared: LPM_DATA_SIZE_MAX of the kernel's prefix trees.
    package static let affixBytes = 256
    /// Functions of one list.
    package static let listValues = 65_536
    /// Lists of one policy.
    package static let lists = 1024
    /// Tags of one hook, and their bytes, as other agents have them.
    package static let tags = 16
    /// The shortest and longest tag.
    package static let tagBytes = 2...128
    /// The longest message of a hook; what is longer is cut.
    package static let messageBytes = 256
    /// Expressions are compiled to instructions, of which a program has not too many.
    package static let expressionBytes = 1024
    /// The longest time of a rate limit: its milliseconds have 32 bits.
    package static let rateSeconds: UInt32 = 4_294_967
}
