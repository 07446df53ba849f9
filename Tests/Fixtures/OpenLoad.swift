import CWire
import Glibc
import Model

/// Opens of many files by many processes, as they come from a machine that is at work.
package struct OpenLoad {
    /// The processes, and one open of each.
    package let warmUp: [EventBatch]
    package let batches: [EventBatch]

    private static let size = 1024

    package init(events: Int, processes: Int = 300, paths: Int = 5000) {
        let pipeline = Pipeline(node: "bench")
        var random = RandomNumbers()
        let now = UInt64(time(nil)) * 1_000_000_000
        let who = (0..<processes).map { Who(UInt32(1000 + $0), start: UInt64(1000 + $0)) }
        let parent = Who(1, start: 0)
        let names = (0..<paths).map { Self.path($0) }
        var start = [Records.clock(wall: now, at: 0), Records.snapshot(parent, of: Who(0, start: 0), at: 1)]
        start += who.enumerated().map { Self.exec($1, of: parent, number: $0) }
        start += who.map { Records.open($0, at: 10_000) }
        warmUp = [pipeline.batch(start)]
        var time: UInt64 = 20_000
        var sequence: UInt64 = 0
        batches = stride(from: 0, to: events, by: Self.size).map { begin in
            pipeline.batch(
                (0..<min(Self.size, events - begin)).map { _ in
                    time += 15_000
                    sequence += 1
                    let number = sequence
                    // A few files are opened most of the time.
                    let path = names[min(random.below(names.count), random.below(names.count))]
                    return Records.open(who[random.below(who.count)], at: time, name: path, path: path) {
                        $0.header.sequence = number
                        $0.body.flags = 0o2000000
                        $0.body.path.inode = 1_048_576 + number % 5000
                        $0.body.path.magic = 0xef53
                    }
                }
            )
        }
    }

    private static func path(_ number: Int) -> String {
        let folders = ["usr/lib/x86_64-linux-gnu", "etc", "var/lib/app/data", "proc/self", "srv/www/static/assets"]
        return "/\(folders[number % folders.count])/part-\(number / 100)/file-\(number).conf"
    }

    private static func exec(_ who: Who, of parent: Who, number: Int) -> [UInt8] {
        Records.exec(
            who,
            of: parent,
            at: 5000,
            binary: "/usr/bin/program-\(number % 60)",
            args: ["program-\(number % 60)", "--config", "/etc/program.conf", "--worker", "\(number)"]
        ) {
            $0.body.credentials.permitted = 0x1ff_ffff_ffff
            $0.body.credentials.effective = 0x1ff_ffff_ffff
            $0.body.credentials.bounding = 0x1ff_ffff_ffff
            $0.body.cgroup = $0.text("/system.slice/program-\(number % 60).service")
        }
    }
}

/// The same numbers in each run (xorshift).
private struct RandomNumbers {
    private var state: UInt64 = 0x9e37_79b9_7f4a_7c15

    mutating func below(_ limit: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(limit))
    }
}
