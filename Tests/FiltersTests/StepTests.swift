import CWire
import Filters
import Model
import Probes
import Testing

/// In which order a hook reads and checks.
@Suite struct StepTests {
    private static let plane = UInt8(MT_STEP_PLANE)

    @Test func `What is cheap and may end it comes first, what nobody checks last`() throws {
        let readings = [Requests.file(0), Requests.text(1), Requests.number(2), Requests.text(3)]
        let row = Requests.row(
            Condition(.value(0, .whole), .prefixes([[47]])),
            Condition(.value(1, .whole), .texts([[47]])),
            Condition(.value(2, .whole), .numbers([1])),
            Condition(.process, .numbers([1]))
        )
        let design = try Requests.design([Requests.policy("p", readings, [row])])
        let plane = Self.plane
        #expect(design.shape.steps == [plane + 3, 3, plane + 2, 2, plane + 1, 1, plane + 0, 4])
        #expect(design.shape.returnSteps.isEmpty)
    }

    @Test func `What is known at the return is read and checked there`() throws {
        let readings = [Requests.number(0), Requests.number(0, isAtReturn: true)]
        let row = Requests.row(
            Condition(.value(1, .whole), .numbers([0]), isAtReturn: true),
            Condition(.value(0, .whole), .numbers([1]))
        )
        let design = try Requests.design([Requests.policy("p", readings, [row])])
        #expect(design.shape.steps == [1, Self.plane + 1] && design.shape.returnSteps == [2, Self.plane])
        #expect(design.shape.planes[0].flags & UInt8(MT_PLANE_AT_RETURN) != 0)
    }

    @Test func `A system call's return has everything at once`() throws {
        let readings = [Requests.number(0), Requests.number(0, isAtReturn: true)]
        let row = Requests.row(Condition(.value(1, .whole), .numbers([0]), isAtReturn: true))
        let design = try Requests.design([Requests.policy("p", readings, [row], at: Requests.whole)])
        #expect(design.shape.steps == [2, Self.plane, 1] && design.shape.returnSteps.isEmpty)
        #expect(design.shape.planes[0].flags == 0)
    }

    @Test func `What was gained needs both of its sets`() throws {
        let readings = [Requests.number(0), Requests.number(1), Requests.number(2)]
        let row = Requests.row(Condition(.gained(old: 2, new: 0), .bits(.max)))
        let design = try Requests.design([Requests.policy("p", readings, [row])])
        #expect(design.shape.steps == [3, 1, Self.plane, 2])
        #expect(design.shape.planes[0].other == 2 << 8 | 0)
    }
}
