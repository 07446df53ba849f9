import Glibc

// One thread, from records in memory to encoded bytes: what the pipeline costs without disks, rings and other threads.

do {
    let options = try Options(CommandLine.arguments.dropFirst())
    let recording = try LoadedRecording(path: options.file, opensOnly: options.opensOnly)
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

func complain(_ text: String) {
    let line = text + "\n"
    write(STDERR_FILENO, line, line.utf8.count)
}
