import CWire
import Fixtures
import Testing

/// Numbers that people know by other texts: modes, devices, errors, signals.
@Suite struct ScalarTests {
    @Test(arguments: [(0, "0"), (0o644, "0644"), (0o4755, "04755"), (0o7777, "07777"), (1, "01")])
    func aModeIsOctalWithALeadingZero(mode: UInt32, text: String) throws {
        let event = try Texts.open {
            $0.body.flags = 0o100
            $0.body.mode = mode
        }
        #expect(event.mode.text == text)
    }

    @Test func aModeThatTheCallDoesNotLookAtIsAbsent() throws {
        #expect(try Texts.open { $0.body.mode = 0o644 }.mode.isAbsent)
    }

    @Test(arguments: [
        (0o100644, "-rw-r--r--"), (0o100755, "-rwxr-xr-x"), (0o040755, "drwxr-xr-x"), (0o120777, "lrwxrwxrwx"),
        (0o140777, "srwxrwxrwx"), (0o010600, "prw-------"), (0o020620, "crw--w----"), (0o060660, "brw-rw----"),
        (0o104755, "-rwsr-xr-x"), (0o104644, "-rwSr--r--"), (0o102755, "-rwxr-sr-x"), (0o102644, "-rw-r-Sr--"),
        (0o041777, "drwxrwxrwt"), (0o041776, "drwxrwxrwT"), (0o107777, "-rwsrwsrwt"), (0o107000, "---S--S--T"),
        (0o100000, "----------"), (0o644, "?rw-r--r--"), (0o170777, "?rwxrwxrwx"),
    ])
    func permissionsAreAsLsShowsThem(mode: UInt32, text: String) throws {
        #expect(try Texts.open { $0.body.path.mode = mode }.permission.text == text)
    }

    @Test(arguments: [(0, "0:0"), (8 << 20 | 1, "8:1"), (0xfff << 20 | 0xfffff, "4095:1048575"), (253 << 20, "253:0")])
    func aDeviceIsMajorAndMinor(device: UInt32, text: String) throws {
        #expect(try Texts.open { $0.body.path.device = device }.device.text == text)
    }

    @Test(arguments: [(-2, "ENOENT"), (-13, "EACCES"), (-4000, "4000"), (Int32.min, "-2147483648")])
    func anErrorHasItsNameOrItsNumber(result: Int32, text: String) throws {
        let event = try Texts.open { $0.body.result = result }
        #expect(event.error.text == text)
        #expect(event.result.number == Int64(result))
    }

    @Test func aSuccessHasNoError() throws {
        #expect(try Texts.open { $0.body.result = 0 }.error.isAbsent)
    }

    @Test func aFailedExecWithAnyResultHasAText() throws {
        for (result, text) in [(-2, "ENOENT"), (Int32.min, "-2147483648"), (0, "0")] as [(Int32, String)] {
            let record = Records.execFailed(Texts.who, at: 1, result: result)
            #expect(try Pipeline().json([record]).first?.process_exec_failed.error.text == text)
            #expect(Pipeline().compact([record]).first?.contains(text) == true)
        }
    }

    private func exit(_ status: Int32) throws -> JSON {
        try #require(try Pipeline().json([Records.exit(Texts.who, at: 1, status: status)]).first).process_exit
    }

    @Test(arguments: [(0, 0), (1 << 8, 1), (255 << 8, 255), (42 << 8, 42)])
    func anExitHasItsStatus(status: Int32, number: Int64) throws {
        let event = try exit(status)
        #expect(event.status.number == number)
        #expect(event.signal.isAbsent && event.core_dumped.isAbsent)
    }

    @Test(arguments: [
        (9, "SIGKILL"), (15, "SIGTERM"), (31, "SIGSYS"), (34, "SIGRTMIN+0"), (35, "SIGRTMIN+1"), (64, "SIGRTMIN+30"),
    ])
    func aKilledProcessHasItsSignalAndNoStatus(status: Int32, name: String) throws {
        let event = try exit(status)
        #expect(event.signal.text == name)
        #expect(event.status.isAbsent)
    }

    /// The kernel's realtime signals begin at 32; the C library keeps two for itself, and there are none above 64.
    @Test(arguments: [32, 33, 65, 127]) func aSignalWithoutANameIsItsNumber(number: Int32) throws {
        #expect(try exit(number).signal.text == "\(number)")
    }

    @Test func aCoreDumpIsTold() throws {
        let event = try exit(11 | 0x80)
        #expect(event.signal.text == "SIGSEGV")
        #expect(event.core_dumped.boolean == true)
    }
}
