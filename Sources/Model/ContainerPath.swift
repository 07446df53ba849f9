/// What the path of a control group says of the processes in it: which container, which pod, which systemd unit.
///
/// Only places in the path are kept, so that reading one allocates nothing. Of containers in containers it is the inner
/// one; the unit is the innermost one outside of all containers.
package struct ContainerPath: Sendable, Equatable {
    /// Nil outside of containers.
    package private(set) var runtime: ContainerRuntime?
    /// Where the container's id stands, escaped as the path has it.
    package private(set) var id = 0..<0
    /// Where the container's own group ends: what follows are groups in it.
    package private(set) var end = 0
    /// Where the pod's uid stands; empty outside of pods.
    package private(set) var pod = 0..<0
    /// Where the unit's name stands; empty when there is none.
    package private(set) var unit = 0..<0
    /// Whose user slice it lies in; 0 is root's, and none.
    package private(set) var user: UInt32 = 0

    /// Of a path that is not known.
    package init() {}

    /// Reads a path as the kernel gives it; any bytes are one.
    package init(_ path: UnsafeRawBufferPointer) {
        var walk = Walk(path: path)
        var begin = 0
        while begin < path.count {
            let end = path[begin...].firstIndex(of: UInt8(ascii: "/")) ?? path.count
            if end > begin { walk.step(PathPiece(path, begin..<end), into: &self) }
            begin = end + 1
        }
    }

    /// The way down a path, and what of it the next component is judged by.
    private struct Walk {
        let path: UnsafeRawBufferPointer
        private var parent: PathPiece?
        private var grandparent: PathPiece?
        /// How many components stand above, from the root or from the container that it lies in.
        private var depth = 0
        private var isInKubepods = false
        /// A pod that no container of has come yet.
        private var isInPod = false
        /// What was known above a machine's own group, in case what follows is not in the machine.
        private var aboveMachine: (known: ContainerPath, group: Range<Int>)?

        init(path: UnsafeRawBufferPointer) { self.path = path }

        mutating func step(_ piece: PathPiece, into known: inout ContainerPath) {
            defer {
                grandparent = parent
                parent = piece
                depth += 1
            }
            if let aboveMachine, aboveMachine.group == parent?.range, piece == "supervisor" {
                // nspawn's own process, which stays on the host's side of the machine.
                known = aboveMachine.known
                known.unit = aboveMachine.group
                return
            }
            if let found = ContainerName(
                piece,
                parent: parent,
                grandparent: grandparent,
                depth: depth,
                isInPod: isInPod
            ) {
                if let uid = Self.podOfSlice(piece.droppingFrom(":")?.dropping(suffix: ".slice")) { known.pod = uid }
                if found.runtime == .nspawn || found.runtime == .rkt { aboveMachine = (known, piece.range) }
                known.runtime = found.runtime
                known.id = found.id
                known.end = piece.range.upperBound
                isInPod = false
                isInKubepods = false
                // What follows counts from here.
                depth = -1
                return
            }
            if piece.contains("kubepods") { isInKubepods = true }
            if let uid = Self.podOfSlice(piece.dropping(suffix: ".slice"))
                ?? (isInKubepods ? Self.uid(piece.dropping(prefix: "pod")) : nil)
            {
                known.pod = uid
                isInPod = true
            }
            guard known.runtime == nil else { return }
            if piece.isUnit { known.unit = piece.range }
            if let user = piece.dropping(prefix: "user-")?.dropping(suffix: ".slice")?.number { known.user = user }
        }

        /// `kubepods-burstable-pod<uid>`, whatever stands before.
        private static func podOfSlice(_ name: PathPiece?) -> Range<Int>? {
            guard let name, name.contains("kubepods"), let begin = name.lastIndex(of: "-pod") else { return nil }
            return uid(name.suffix(from: begin + 4))
        }

        /// A UUID, with underscores in a slice, or the digest that names a static pod.
        private static func uid(_ text: PathPiece?) -> Range<Int>? {
            guard let text else { return nil }
            if text.count == 32, text.isHexadecimal { return text.range }
            guard text.count == 36 else { return nil }
            for (index, byte) in text.bytes.enumerated() {
                let isSeparator = byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
                guard [8, 13, 18, 23].contains(index) ? isSeparator : PathPiece.isHexadecimal(byte) else { return nil }
            }
            return text.range
        }
    }
}
