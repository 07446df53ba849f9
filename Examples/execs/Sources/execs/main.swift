import BPF

/// As `struct event` in execs.bpf.c.
struct Event: BitwiseCopyable {
    var pid: UInt32
    var filename: BPFText<124>
}

let execs = try BPFObject(ExecsSkeleton.self).load()
let links = try execs.attach()
var ring = try RingBuffer(execs.map(.events))
while true {
    _ = ring.wait()
    ring.drain(as: Event.self) { event in print(event.pid, event.filename) }
}
