import BPF
import Foundation
import Testing

/// As `struct change` in lifetimes.bpf.c.
private struct Change: BitwiseCopyable {
    var ends: UInt32
    var command: BPFText<16>
}

extension KernelObjects {
    @Suite struct AttachingTests {
        private func runTrue() throws {
            let child = try Process.run(URL(filePath: "/bin/true"), arguments: [])
            child.waitUntilExit()
        }

        @Test func `An object's programs are attached by their sections, and its ring gives values of a type`() throws {
            let loaded = try BPFObject(LifetimesSkeleton.self).load()
            var ring = try RingBuffer(loaded.map(.changes))
            let links = try loaded.attach()
            let count = links.count
            #expect(count == 2)
            try runTrue()
            let woken = ring.wait(milliseconds: 5000)
            #expect(woken)
            var seen: [UInt32] = []
            let drained = ring.drain(as: Change.self) { change in
                if change.command == BPFText("true") { seen.append(change.ends) }
            }
            #expect(drained >= 2)
            #expect(seen == [0, 1])
            let used = ring.used
            #expect(used == 0)
        }

        @Test func `Links that have gone leave nothing attached`() throws {
            let loaded = try BPFObject(LifetimesSkeleton.self).load()
            var ring = try RingBuffer(loaded.map(.changes))
            var links: BPFLinks? = try loaded.attach()
            links = nil
            _ = consume links
            try runTrue()
            let drained = ring.drain { _ in }
            #expect(drained == 0)
        }

        @Test func `When one program cannot be attached, none stays`() throws {
            // Its programs name no tracepoint.
            let loaded = try BPFObject(FixtureSkeleton.self).load()
            #expect(throws: BPFError.self) { _ = try loaded.attach() }
        }

        @Test func `What a drain could not finish is still there`() throws {
            struct Enough: Error {}
            let loaded = try BPFObject(LifetimesSkeleton.self).load()
            var ring = try RingBuffer(loaded.map(.changes))
            do {
                let links = try loaded.attach()
                try runTrue()
                _ = links.count
            }
            var first = 0
            do {
                try ring.drain { _ throws(Enough) in
                    first += 1
                    throw Enough()
                }
            } catch {}
            #expect(first == 1)
            let rest = ring.drain { _ in }
            #expect(rest >= 1)
        }

        @Test func `A map that is no ring is refused by name`() throws {
            let loaded = try BPFObject(FixtureSkeleton.self).load()
            let error = #expect(throws: BPFError.self) { _ = try RingBuffer(loaded.map(.numbers)) }
            #expect(error?.description.contains("numbers") == true)
        }

        @Test func `A map can be left out with the programs that use it`() throws {
            let object = try BPFObject(FixtureSkeleton.self)
            try object.setCreates(.rings, false)
            object.setLoads(.send, false)
            let loaded = try object.load()
            #expect(try loaded.program(.count).run() == 42)
        }

        @Test func `The kernel's list of programs has ours, as long as they are loaded`() throws {
            var loaded: BPFLoaded<FixtureSkeleton>? = try BPFObject(FixtureSkeleton.self).load()
            let id = try loaded!.program(.count).information.id
            #expect(try BPFProgram.loadedIdentifiers().contains(id))
            loaded = nil
            _ = consume loaded
        }
    }
}
