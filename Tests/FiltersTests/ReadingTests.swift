import CWire
import Filters
import Testing

@Suite struct ReadingTests {
    @Test func `a reading begins at itself unless it is told a way`() {
        #expect(Reading(.argument(0), read: MT_READ_FILE, value: MT_VALUE_FILE).way.isEmpty)
    }
}
