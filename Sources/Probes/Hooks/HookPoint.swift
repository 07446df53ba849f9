/// A place in the kernel or in a program where one kernel program runs, for all policies that watch it.
package struct HookPoint: Hashable, Sendable {
    /// How a program gets there.
    package enum Attachment: Hashable, Sendable {
        /// A function's entry, by a trampoline.
        case fentry
        /// Many functions' entries by one link.
        case kprobeMulti
        /// A function's entry.
        case kprobe
        /// A hook of the security modules.
        case lsm
        /// A tracepoint, by the record that it makes.
        case tracepoint
        /// A tracepoint, by the arguments that it is called with.
        case rawTracepoint
        /// The return of a system call, whose arguments are still there.
        case syscallExit
        /// The entry of a system call: of those that do not return.
        case syscallEnter
        /// Places in a file that is mapped to be executed.
        case uprobe
    }

    /// One function of it.
    package struct Function: Hashable, Sendable {
        /// What the kernel, or libbpf, calls it: a symbol, `bpf_lsm_NAME`, `SUBSYSTEM/EVENT`.
        package let symbol: String
        /// What events call it.
        package let name: String
        /// Where it lies in `file`; of a system call its number, with `1 << 32` added for the 32-bit table.
        package let number: UInt64
        /// Where a counter of users lies in `file`; 0: nowhere.
        package let counter: UInt64
        /// What events show of where it lies in `file`; nil: nothing.
        package let offset: UInt64?

        package init(symbol: String, name: String, number: UInt64 = 0, counter: UInt64 = 0, offset: UInt64? = nil) {
            self.symbol = symbol
            self.name = name
            self.number = number
            self.counter = counter
            self.offset = offset
        }
    }

    package let attachment: Attachment
    /// One or more; all of them are read alike.
    package let functions: [Function]
    /// The executable or library of a uprobe.
    package let file: String?
    /// The kernel module whose BTF has the function; nil: the kernel itself.
    package let module: String?

    package init(_ attachment: Attachment, _ functions: [Function], file: String? = nil, module: String? = nil) {
        self.attachment = attachment
        self.functions = functions
        self.file = file
        self.module = module
    }
}
