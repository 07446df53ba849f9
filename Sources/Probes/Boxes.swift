import BPF

/// A ring with an owner that can be shared: arrays cannot hold what cannot be copied.
package final class RingBox {
    // Behind a pointer, because the compiler checks each access to a variable of a class while the program runs.
    private let pointer: UnsafeMutablePointer<RingBuffer>

    package init(_ ring: consuming RingBuffer) {
        pointer = .allocate(capacity: 1)
        pointer.initialize(to: ring)
    }

    deinit {
        pointer.deinitialize(count: 1)
        pointer.deallocate()
    }

    package var ring: RingBuffer {
        _read { yield pointer.pointee }
        _modify { yield &pointer.pointee }
    }
}

final class LinkBox {
    private let link: BPFLink

    init(_ link: consuming BPFLink) { self.link = link }
}

/// A loaded object of whatever skeleton, and the one program of it that counts.
protocol LoadedObservation {
    var observation: Observation { get }
    var program: BPFProgram { get }
}

final class LoadedBox<Skeleton: BPFSkeleton>: LoadedObservation {
    let observation: Observation
    let program: BPFProgram
    private let object: BPFLoaded<Skeleton>

    init(
        _ observation: Observation,
        _ object: consuming BPFLoaded<Skeleton>,
        _ program: Skeleton.Program
    ) throws(BPFError) {
        self.observation = observation
        self.program = try object.program(program)
        self.object = object
    }
}
