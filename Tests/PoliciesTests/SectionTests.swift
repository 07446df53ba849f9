import Policies
import Testing
import UserInput

/// What is read of each section, value for value.
@Suite struct SectionTests {
    @Test func aKprobe() throws {
        let policy = try #require(try Reading.file("file-integrity").policies.first)
        #expect(policy.name == "file-integrity")
        #expect(policy.kind == .cluster)
        #expect(policy.metadata.labels["team"] == "platform")
        let hook = try #require(policy.spec.kprobes.first)
        #expect(hook.call.value == .symbol("security_file_permission"))
        #expect(hook.call.place == InputPlace(file: "f", line: 13, column: 13))
        #expect(!hook.isSystemCall && !hook.mayBeMissing)
        #expect(hook.body.message?.value == "A system file is opened for a change")
        #expect(hook.body.tags.map(\.value) == ["integrity", "file.write"])
        #expect(hook.body.arguments.map(\.type) == [.file, .int32])
        #expect(hook.body.arguments[0].label == "target")
        #expect(hook.body.returnValue?.type == .int32)
        let selector = try #require(hook.body.selectors.first)
        #expect(selector.label?.value == "changes")
        #expect(selector.arguments.map(\.operator.value) == [.prefix, .notPostfix, .mask])
        #expect(selector.arguments[0].values.map(\.value) == ["/etc/", "/usr/bin/", "/usr/sbin/", "/boot/"])
        var options = PolicyAction.PostOptions()
        options.rateLimit = PolicyAction.RateLimit(seconds: 60, scope: .process)
        options.hasKernelStack = true
        options.hasUserStack = true
        #expect(selector.actions.map(\.effect) == [.post(options)])
        #expect(hook.body.selectors[1].binaries[0].followsChildren)
        #expect(policy.spec.kprobes[1].mayBeMissing)
    }

    @Test func anFentry() throws {
        let policy = try #require(try Reading.file("credentials").policies.first)
        let hook = try #require(policy.spec.fentries.first)
        #expect(hook.section == .fentries)
        #expect(hook.body.arguments[4].steps == [.member("user_ns")])
        #expect(hook.body.data[1].source == .currentTask)
        #expect(hook.body.data[1].steps == [.member("real_parent"), .member("comm")])
        #expect(hook.body.selectors[0].arguments[0].positions.map(\.value) == [2, 1])
        // DAC_OVERRIDE is 1, SETUID 7, with or without CAP_.
        #expect(hook.body.selectors[2].capabilityChanges[0].mask == 1 << 1 | 1 << 7)
        #expect(hook.body.selectors[2].capabilityChanges[0].set == .permitted)
    }

    @Test func aTracepoint() throws {
        let policy = try #require(try Reading.file("system-calls").policies.first)
        #expect(policy.spec.tracepoints[0].target == "raw_syscalls/sys_enter")
        #expect(!policy.spec.tracepoints[0].isRaw)
        #expect(policy.spec.tracepoints[0].body.arguments.map(\.type) == [.systemCall, .automatic])
        #expect(policy.spec.lists.map(\.kind) == [.systemCalls, .allSystemCalls, .traceable, .functions])
        #expect(policy.spec.lists[2].pattern?.value == "key_*")
        #expect(policy.spec.kprobes[0].call.value == .list("rare"))
    }

    @Test func aUprobe() throws {
        let policy = try #require(try Reading.file("tls-library").policies.first)
        let hook = try #require(policy.spec.uprobes.first)
        #expect(hook.location == .symbols(["SSL_write", "SSL_read"]))
        #expect(hook.digests.map(\.algorithm) == ["build-id", "sha256"])
        #expect(hook.mayMismatch)
        #expect(hook.body.arguments[0].sizeIndex == 2)
        #expect(hook.body.arguments[0].isReadAtReturn)
        #expect(hook.body.arguments[2].structName == "ssl_st")
        #expect(hook.body.data[0].register == "rsp")
        #expect(policy.spec.uprobes[1].location == .offsets([0x1240, 4736]))
        #expect(policy.spec.uprobes[1].counterOffsets == [0x8010, 0x8012])
        let effects = policy.spec.uprobes.dropFirst().flatMap(\.body.selectors).flatMap(\.actions).map(\.effect)
        let changes = ["rax=11", "rip=(%rsp)", "rsp=8%rsp"].compactMap(RegisterChange.init)
        #expect(changes.map(\.value) == [.number(11), .memory("rsp", offset: 0), .register("rsp", offset: 8)])
        #expect(
            effects == [
                .redirect(.registers(changes)), .redirect(.address(0x401300)), .redirect(.symbol("new_check")),
                .redirect(.offset(0x1300)),
            ]
        )
    }

    @Test func aUSDTProbe() throws {
        let policy = try #require(try Reading.file("database-probes").policies.first)
        let hook = try #require(policy.spec.usdts.first)
        #expect(hook.provider.value == "postgresql" && hook.name.value == "query__start")
        #expect(hook.body.selectors[1].actions.map(\.effect) == [.set(argument: 1, value: 1)])
    }

    @Test func anLSMHook() throws {
        let policy = try #require(try Reading.file("programs").policies.first)
        let effects = policy.spec.lsmHooks[0].body.selectors[0].actions.map(\.effect)
        var options = PolicyAction.PostOptions()
        options.hasIMAHash = true
        #expect(effects == [.post(options), .override(-1), .kill, .signal(9)])
    }

    @Test func anEnforcer() throws {
        let policy = try #require(try Reading.file("enforced-mounts").policies.first)
        #expect(
            policy.spec.enforcers.map { $0.calls.map(\.value) } == [[.list("calls")], [.symbol("security_sb_remount")]]
        )
        let effects = policy.spec.tracepoints[0].body.selectors.flatMap(\.actions).map(\.effect)
        #expect(effects == [.notifyEnforcer(error: -1, signal: 9), .cleanUpEnforcer, .noPost])
    }

    @Test func whomAPolicyIsFor() throws {
        let policy = try #require(try Reading.file("shells-in-pods").policies.first)
        #expect(policy.kind == .namespaced && policy.metadata.namespace?.value == "shop")
        let pods = try #require(policy.spec.podSelector)
        #expect(pods.matches(["app": "checkout", "tier": "web"]))
        #expect(!pods.matches(["app": "checkout", "tier": "web", "debug": "1"]))
        #expect(!pods.matches(["app": "checkout"]))
        #expect(try #require(policy.spec.containerSelector).matches(["repo": "x", "name": "main"]))
        #expect(policy.spec.kprobes[0].body.selectors[0].workloads?.includesHost == true)
        let host = try #require(try Reading.file("host-too").policies.first)
        #expect(host.spec.podSelector?.requirements.isEmpty == true)
        #expect(host.spec.containerSelector == nil && host.spec.includesHost)
    }

    @Test func optionsSayHowItIsLoaded() throws {
        let policy = try #require(try Reading.file("ptrace").policies.first)
        var expected = PolicyOptions()
        expected.disablesMultipleKprobes = true
        expected.overrideMethod = .overrideReturn
        expected.mode = .monitor
        expected.preloadSize = 16384
        #expect(policy.spec.options == expected)
    }

    @Test func macrosBecomePartOfSelectors() throws {
        let policy = try #require(try Reading.file("macros").policies.first)
        let selector = policy.spec.kprobes[0].body.selectors[0].expanded(with: policy.spec.macros)
        #expect(selector.label?.value == "below-etc")
        #expect(selector.binaries.count == 1 && selector.arguments.count == 1 && selector.macros.isEmpty)
    }

    @Test func whatHasNoEffectIsAWarning() throws {
        let collection = try Reading.file("older")
        #expect(collection.policies.map(\.name) == ["older", "older-files"])
        #expect(collection.problems.allSatisfy { $0.severity == .warning })
        #expect(collection.problems.contains { $0.path == "spec.kprobes[0].selectors[0].matchActions[0].action" })
        #expect(collection.policies[0].spec.kprobes[0].body.selectors[0].actions.isEmpty)
    }
}
