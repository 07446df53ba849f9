import CWire
import Foundation
import Testing

extension Kernel {
    /// Modules that are loaded, where the machine has one that nobody needs.
    @Suite(.enabled(if: Machine.hasSpareModule, "there is no module 'dummy' for this kernel, or it is in use"))
    struct ModuleTests {
        /// Functions that take a module and what it is loaded from, as far as they are functions of their own.
        private static let loading = ["mod_sysfs_setup", "add_kallsyms", "layout_symtab", "post_relocation"]
            .first { KernelFunctions.counts[$0] == 1 }

        private func load(_ count: Int) throws {
            for _ in 0..<count {
                let outcome = try Child.run("modprobe", "dummy", "numdummies=0").outcome
                try #require(outcome.code == 0, "\(outcome.errors)")
                let removed = try Child.run("modprobe", "-r", "dummy").outcome
                try #require(removed.code == 0, "\(removed.errors)")
            }
        }

        private func names(_ run: HookRun, _ index: Int) -> [String: Int] {
            run.calls().reduce(into: [:]) { names, call in
                let payload = call.argument(index)?.payload ?? []
                guard payload.count == MemoryLayout<mt_module>.size else { return names["?", default: 0] += 1 }
                let value = payload.withUnsafeBytes { $0.loadUnaligned(as: mt_module.self) }
                let name = withUnsafeBytes(of: value.name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
                names[name, default: 0] += 1
            }
        }

        @Test func `A module is told by its name`() throws {
            let run = try HookRun()
            let hook = "{subsystem: module, event: module_load, raw: true, args: [{index: 0, type: module}]}"
            try run.add(policy: "modules", "  tracepoints: [\(hook)]")
            try load(7)
            #expect(names(run, 0)["dummy"] == 7)
        }

        @Test(
            .enabled(
                if: KernelFunctions.canBeHooked && loading != nil,
                "this kernel has no kprobes, or no function that takes what a module is loaded from"
            )
        )
        func `What a module is loaded from has its name`() throws {
            let function = try #require(Self.loading)
            let run = try HookRun()
            let arguments = "[{index: 1, type: load_info}, {index: 0, type: module}]"
            try run.add(policy: "modules", "  kprobes: [{call: \(function), syscall: false, args: \(arguments)}]")
            try load(7)
            #expect(names(run, 0)["dummy"] == 7)
        }
    }
}
