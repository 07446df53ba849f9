import BPF
import Glibc

extension Doctor {
    static func kernelChecks(_ name: SystemName) -> [Check] {
        [
            release(name.release), types(), moduleTypes(), lockdown(SystemFile.text("/sys/kernel/security/lockdown")),
            securityModules(), compiler(), statistics(),
        ]
    }

    /// Whether the kernel is not too old.
    package static func release(_ text: String) -> Check {
        guard let release = KernelRelease(text) else {
            return Check(.kernel, "version", .degraded, "\(text): not understood; \(oldest) or later is needed")
        }
        guard release >= .minimum else {
            return Check(
                .kernel,
                "version",
                .failed,
                "\(text) is older than \(oldest)",
                need: .required,
                remedy: "run Linux \(oldest) or later"
            )
        }
        return Check(.kernel, "version", .ok, text, need: .required)
    }

    private static var oldest: String { "\(KernelRelease.minimum.major).\(KernelRelease.minimum.minor)" }

    private static func types() -> Check {
        var information = stat()
        let path = "/sys/kernel/btf/vmlinux"
        guard BPFFeature.btf.probe() == nil, stat(path, &information) == 0 else {
            return Check(
                .kernel,
                "btf",
                .failed,
                "\(path) is not there",
                need: .required,
                remedy: "run a kernel that was built with CONFIG_DEBUG_INFO_BTF, as the distributions' are"
            )
        }
        return Check(.kernel, "btf", .ok, "\(path), \(information.st_size >> 10) KiB", need: .required)
    }

    private static func moduleTypes() -> Check {
        let loaded = (SystemFile.text("/proc/modules") ?? "").split(separator: "\n").count
        let typed = SystemFile.names("/sys/kernel/btf").filter { $0 != "vmlinux" }.count
        if loaded == 0 { return Check(.kernel, "module-btf", .notApplicable, "no modules are loaded") }
        if typed == 0 {
            return Check(
                .kernel,
                "module-btf",
                .degraded,
                "none of \(loaded) modules tells its types",
                remedy: "Linux 5.11 with CONFIG_DEBUG_INFO_BTF_MODULES; only hooks inside modules need it"
            )
        }
        return Check(.kernel, "module-btf", .ok, "\(typed) of \(loaded) modules tell their types")
    }

    /// Of the text of `/sys/kernel/security/lockdown`: the mode that holds is in brackets.
    package static func lockdown(_ text: String?) -> Check {
        guard let text else {
            return Check(.kernel, "lockdown", .notApplicable, "not told: no lockdown, or securityfs is not mounted")
        }
        let mode = text.split(separator: "[").dropFirst().first?.prefix { $0 != "]" } ?? "none"
        guard mode == "confidentiality" else { return Check(.kernel, "lockdown", .ok, "\(mode)", need: .required) }
        return Check(
            .kernel,
            "lockdown",
            .failed,
            "confidentiality: kernel programs may not read the kernel's memory",
            need: .required,
            remedy: "boot with lockdown=integrity"
        )
    }

    private static func securityModules() -> Check {
        guard let names = SecurityModules.current().names else {
            return Check(.kernel, "security-modules", .notApplicable, "not told: securityfs is not mounted")
        }
        return Check(.kernel, "security-modules", .ok, names.joined(separator: ","))
    }

    private static func compiler() -> Check {
        switch SystemFile.text("/proc/sys/net/core/bpf_jit_enable") {
        case "0":
            Check(
                .kernel,
                "bpf-jit",
                .degraded,
                "off: kernel programs are interpreted",
                remedy: "sysctl net.core.bpf_jit_enable=1"
            )
        case nil: Check(.kernel, "bpf-jit", .notApplicable, "not told to this process")
        default: Check(.kernel, "bpf-jit", .ok, "on")
        }
    }

    private static func statistics() -> Check {
        SystemFile.text("/proc/sys/kernel/bpf_stats_enabled") == "1"
            ? Check(
                .kernel,
                "bpf-stats",
                .degraded,
                "on: each run of each program is timed, which costs more than many programs",
                remedy: "sysctl kernel.bpf_stats_enabled=0"
            ) : Check(.kernel, "bpf-stats", .ok, "off")
    }
}
