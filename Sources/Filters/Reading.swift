import CWire

/// Something that a hook reads, resolved for the running kernel: the Swift side of `struct mt_reading`.
package struct Reading: Hashable, Sendable {
    /// Where the way to it begins.
    package enum Origin: Hashable, Sendable {
        /// An argument of the function or raw tracepoint, from 0.
        case argument(Int)
        /// What the program is called with: a tracepoint's record, or saved registers.
        case context
        /// The current `task_struct`.
        case task
        /// What the function returns.
        case returned
        /// Nowhere: it is always this.
        case constant(UInt64)
        /// What a saved register holds, and what is added to it.
        case register(RegisterSum)

        /// Whether the lengths of values are looked for in the context, and not among the arguments.
        var hasSizesInContext: Bool {
            switch self {
            case .context, .constant, .register: true
            case .argument, .task, .returned: false
            }
        }
    }

    /// A saved register, as it is or as the beginning of an address in the program's memory.
    package struct RegisterSum: Hashable, Sendable {
        /// Of the register in the context.
        package let offset: Int
        /// Of another one, which is added `1 << shift` times; a multiple of 8.
        package let index: Int?
        package let shift: Int
        package let displacement: Int64

        package init(_ offset: Int, index: Int? = nil, shift: Int = 0, displacement: Int64 = 0) {
            self.offset = offset
            self.index = index
            self.shift = shift
            self.displacement = displacement
        }
    }

    /// One step of the way: add the offset; then, for a load, go on with the pointer that lies there.
    package struct Step: Hashable, Sendable {
        package let offset: Int
        package let isLoad: Bool

        package init(offset: Int, isLoad: Bool) {
            self.offset = offset
            self.isLoad = isLoad
        }
    }

    /// Which argument says how long it is.
    package struct Size: Hashable, Sendable {
        /// From 0; of a tracepoint by its record and of a USDT probe the offset in the context instead.
        package let argument: Int
        /// Its bytes.
        package let width: Int

        package init(argument: Int, width: Int) {
            self.argument = argument
            self.width = width
        }
    }

    package let origin: Origin
    /// Empty: the argument itself.
    package let way: [Step]
    /// How what lies at the end of the way is read.
    package let read: mt_read
    /// How it is told.
    package let value: mt_item_type
    /// Bytes of a number.
    package let width: Int
    /// Whether a number has a sign.
    package let isSigned: Bool
    /// Whether the pointer is to user memory.
    package let isUser: Bool
    /// How many bytes are kept at most.
    package let capacity: Int
    /// What says how long it is.
    package let size: Size?
    /// Whether it is read when the function returns.
    package let isAtReturn: Bool

    package init(
        _ origin: Origin,
        way: [Step] = [],
        read: mt_read,
        value: mt_item_type,
        width: Int = 8,
        isSigned: Bool = false,
        isUser: Bool = false,
        capacity: Int = 4096,
        size: Size? = nil,
        isAtReturn: Bool = false
    ) {
        self.origin = origin
        self.way = way
        self.read = read
        self.value = value
        self.width = width
        self.isSigned = isSigned
        self.isUser = isUser
        self.capacity = capacity
        self.size = size
        self.isAtReturn = isAtReturn
    }
}
