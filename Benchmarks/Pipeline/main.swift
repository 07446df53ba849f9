import Glibc

// One thread, from records in memory to encoded bytes: what the pipeline costs without disks, rings and other threads.

do {
    let options = try Options(CommandLine.arguments.dropFirst())
    let recording = try LoadedRecording(path: options.file, opensOnly: options.opensOnly)
    if !options.rings.isEmpty {
        try simulate(recording, options)
        exit(0)
    }
    var bench = PipelineBench(recording, options)
    if options.sizes {
        for size in bench.sizes() { print(size) }
    } else {
        for stage in options.stages {
            for pass in bench.run(stage) { print(pass) }
        }
    }
} catch let error as Options.Usage {
    complain("\(error)")
    exit(2)
} catch {
    complain("PipelineBench: \(error)")
    exit(1)
}

/// Prints merge costs by the number of rings and the order of records, then what the hold does.
func simulate(_ recording: LoadedRecording, _ options: Options) throws {
    for rings in options.rings {
        // each record in another ring than the one before, and many of one ring after another
        for run in [1, 64] {
            let simulation = try MergeSimulation(recording, rings: rings, run: run)
            for stage in Options.Stage.allCases {
                for pass in try simulation.run(stage, passes: options.passes, opens: 320_000) { print(pass) }
            }
        }
    }
    for rings in options.rings {
        for microseconds in [100, 1000, 2000, 4000, 10000] as [UInt64] {
            for passed in [false, true] {
                let simulation = try HoldSimulation(recording, rings: rings)
                print(try simulation.run(delay: microseconds * 1000, passed: passed))
            }
        }
    }
}

func complain(_ text: String) {
    let line = text + "\n"
    write(STDERR_FILENO, line, line.utf8.count)
}
