import Agent
import Collector
import Outputs
import Probes
import Testing

/// What a run keeps, from what it is asked to do and what the kernel has.
@Suite struct PrivilegePlanTests {
    private static let everything = CapabilitySet(bits: .max)

    private func plan(
        on kernel: KernelAbilities = KernelAbilities(),
        holding permitted: CapabilitySet = everything,
        folders: [String] = [],
        ports: [UInt16] = [],
        notifySocket: String? = nil,
        _ change: (inout RunOptions) -> Void = { _ in }
    ) -> PrivilegePlan {
        var options = RunOptions()
        change(&options)
        return PrivilegePlan(
            for: options,
            as: nil,
            on: kernel,
            holding: permitted,
            folders: folders,
            ports: ports,
            notifySocket: notifySocket
        )
    }

    @Test func theAgentKeepsTwoCapabilitiesWhateverItWatches() {
        for observations in [Set(Observation.allCases), [.exec]] {
            for kernel in [KernelAbilities(), KernelAbilities(hasUprobeLinks: false, countsLockedMemory: true)] {
                let plan = plan(on: kernel) { $0.probes.observations = observations }
                #expect(plan.capabilities.names == ["CAP_PERFMON", "CAP_BPF"])
            }
        }
    }

    @Test func typedLinesNeedHelpersAndTheKernelDecidesWhich() {
        let old = KernelAbilities(hasUprobeLinks: false)
        let shell = { (options: inout RunOptions) in
            options.probes.observations = [.shell]
            options.engines = nil
        }
        #expect(plan(shell).helpers == [.looker])
        #expect(plan(on: old, shell).helpers == [.looker, .attacher])
        #expect(plan(on: old) { $0.engines = nil }.helpers == [])
    }

    @Test func namesOfContainersNeedTheConnector() {
        #expect(plan().helpers == [.connector])
        #expect(plan { $0.engines = nil }.helpers == [])
    }

    @Test func aHelperWithoutItsCapabilitiesIsNotStarted() {
        let all = { (options: inout RunOptions) in options.probes.observations = [.shell] }
        #expect(plan(holding: [.bpf, .perfmon], all).helpers == [])
        #expect(plan(holding: [.bpf, .perfmon, .sysPtrace], all).helpers == [])
        #expect(plan(holding: [.bpf, .perfmon, .sysPtrace, .dacReadSearch], all).helpers == [.looker])
        #expect(plan(holding: [.bpf, .perfmon, .dacOverride], all).helpers == [.connector])
    }

    @Test func aDatabaseNeedsAProcessThatStartsItsProgramAndAFolderForItsSpool() {
        let plan = plan {
            $0.outputs = [.postgres(""), .postgres("dbname=x"), .standardOutput]
            $0.spool.folder = "/spool"
        }
        #expect(plan.databases == 2)
        #expect(plan.folders == ["/spool"])
        #expect(plan.ownFolders["/spool"] == 0o700)
        let inMemory = self.plan {
            $0.outputs = [.postgres("")]
            $0.spool.size = 0
        }
        #expect(inMemory.folders == [])
        #expect(!inMemory.usesInternet)
    }

    @Test func whereItWritesFollowsFromTheOutputs() {
        #expect(plan().files == ["/dev/null"])
        #expect(plan().folders == [])
        let plain = plan { $0.outputs = [.file("/var/log/a.json"), .standardOutput] }
        #expect(plain.files == ["/dev/null", "/var/log/a.json"])
        #expect(plain.folders == [])
        let store = plan {
            $0.outputs = [.store("/srv/m/events.db"), .file("b")]
            $0.record = "/tmp/r"
            $0.rotation.size = 1
        }
        #expect(store.files == ["/dev/null", "/tmp/r", "/srv/m/events.db", "b"])
        #expect(store.folders == ["/srv/m", "."])
        #expect(store.ownFolders == [:])
    }

    @Test func theMachinesOwnStoreHasItsFolderMade() {
        #expect(plan { $0.outputs = [.store(StoreFile.machinePath)] }.ownFolders == ["/var/lib/martlet": 0o700])
        let runtime = plan(folders: ["/run/martlet"])
        #expect(runtime.folders == ["/run/martlet"])
        #expect(runtime.ownFolders == ["/run/martlet": 0o750])
    }

    @Test func socketsOfTheInternetAreForPortsAlone() {
        #expect(!plan().usesInternet)
        #expect(plan(ports: [9090]).usesInternet)
        #expect(plan(ports: [9090]).ports == [9090])
    }

    @Test func anAbstractSocketOfSystemdIsSpokenTo() {
        #expect(!plan().usesAbstractSockets)
        #expect(!plan(notifySocket: "/run/systemd/notify").usesAbstractSockets)
        #expect(plan(notifySocket: "@/org/freedesktop/systemd1/notify").usesAbstractSockets)
    }

    @Test func lockedMemoryMattersWhereTheKernelCountsIt() {
        #expect(plan().lockedMemory == 0)
        let small = plan(on: KernelAbilities(countsLockedMemory: true)) { $0.probes.pool = 1 }
        let large = plan(on: KernelAbilities(countsLockedMemory: true)) {
            $0.probes.pool = 1
            $0.probes.ringBytes += 1 << 20
        }
        #expect(small.lockedMemory > 16 << 20)
        #expect(large.lockedMemory - small.lockedMemory == 1 << 20)
        // What a run was seen to take, rounded up to MiB, with 8 MiB for each of two rings.
        for (cpus, megabytes) in [(2, 24), (8, 26)] {
            let kernel = KernelAbilities(countsLockedMemory: true, cpus: cpus)
            let needed = plan(on: kernel) { $0.probes.pool = 1 }.lockedMemory >> 20
            #expect(needed >= megabytes && needed < megabytes + 6)
        }
    }

    @Test func everyObservationSaysWhatItNeeds() {
        let new = KernelAbilities()
        for observation in Observation.allCases {
            #expect(observation.needs(on: new).filter(\.isRequired).map(\.capabilities) == [[.bpf], [.perfmon]])
        }
        let old = Observation.shell.needs(on: KernelAbilities(hasUprobeLinks: false))
        #expect(old.filter(\.isRequired).map(\.capabilities) == [[.bpf], [.perfmon], [.sysAdmin]])
    }
}
