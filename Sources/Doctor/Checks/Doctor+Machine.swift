import BPF
import Glibc
import Probes

extension Doctor {
    static func machineChecks(_ privileges: Privileges) -> [Check] {
        let memory = (SystemFile.text("/proc/meminfo") ?? "").split(separator: "\n").first {
            $0.hasPrefix("MemAvailable:")
        }
        let available = memory?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
        return [
            Check(.machine, "cpus", .ok, "\(sysconf(Int32(_SC_NPROCESSORS_ONLN))) online, \(possibleCPUs) possible"),
            rings(available: available << 10),
            clock(SystemFile.text("/sys/devices/system/clocksource/clocksource0/current_clocksource")),
            fileSystem("tracefs", at: ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"]),
            otherPrograms(privileges),
        ]
    }

    /// What `martlet run` takes for its rings, beside what there is.
    package static func rings(available: Int, _ settings: ProbeSettings = ProbeSettings()) -> Check {
        let bytes = settings.lifeCycleBytes + settings.pool * settings.ringBytes
        let text = "\(bytes >> 20) MiB in \(settings.pool + 1) rings, of \(available >> 20) MiB available"
        guard bytes > available / 4 else { return Check(.machine, "ring-memory", .ok, text) }
        return Check(
            .machine,
            "ring-memory",
            .degraded,
            text,
            remedy: "martlet run --ring-size 2M --rings 1, or more memory"
        )
    }

    /// Each record carries a time stamp, which some clocks take microseconds for.
    package static func clock(_ name: String?) -> Check {
        guard let name else { return Check(.machine, "clocksource", .notApplicable, "not told") }
        guard ["hpet", "acpi_pm", "jiffies", "refined-jiffies", "pit"].contains(name) else {
            return Check(.machine, "clocksource", .ok, name)
        }
        return Check(
            .machine,
            "clocksource",
            .degraded,
            "\(name): slow, and each event reads it",
            remedy: "find out why the kernel does not trust the processor's own clock: dmesg | grep -i clocksource"
        )
    }

    private static func fileSystem(_ name: String, at paths: [String]) -> Check {
        let mounts = (SystemFile.text("/proc/self/mounts") ?? "").split(separator: "\n").map {
            $0.split(separator: " ")
        }
        let places = mounts.filter { $0.count > 2 && $0[2] == name }.map { String($0[1]) }
        let text = places.isEmpty ? "not mounted" : "at \(places.joined(separator: ", "))"
        return Check(.machine, name, .ok, "\(text); martlet run does not need it")
    }

    private static func otherPrograms(_ privileges: Privileges) -> Check {
        guard privileges.capabilities.has(.sysAdmin) else {
            return Check(.machine, "loaded-programs", .notApplicable, "not told without CAP_SYS_ADMIN")
        }
        do throws(BPFError) {
            let count = try BPFProgram.loadedIdentifiers().count
            return Check(.machine, "loaded-programs", .ok, "\(count) kernel programs of others")
        } catch {
            return Check(.machine, "loaded-programs", .notApplicable, error.reason)
        }
    }
}
