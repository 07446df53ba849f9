import Policies
import Testing

@Suite struct LimitTests {
    @Test func aPlaceReadsAsCompilersHaveIt() {
        #expect("\(PolicyPlace(file: "a.yaml", line: 2, column: 3))" == "a.yaml:2:3")
    }
}
