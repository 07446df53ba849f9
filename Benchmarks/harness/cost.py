"""What a piece of work costs under one who watches, round by round, and the rows and targets of that."""
import re

from .bench import added, median
from .report import ns, spread, us

HEADER = ["", "CPU per op", "added", "wall per op", "added", "missing", "lost", "agent's CPU/event", "bytes/op"]


class Cost:
    def __init__(self, name):
        self.name = name
        self.cpu = []           # ns per op, of the workload
        self.wall = []
        self.agent = []         # CPU ns per event, of the agent
        self.missing = []       # lines that are not in the output
        self.lost = []          # events of anyone that the agent says it lost
        self.bytes = []         # of output, per op

    def row(self, table, none):
        plus = [f"{added(mine, base):+,.0f} ns" if self is not none else ""
                for mine, base in [(self.cpu, none.cpu), (self.wall, none.wall)]]
        table.row(
            self.name, spread(self.cpu, ns), plus[0], ns(median(self.wall)), plus[1],
            f"{self.worst:,}" if self.missing else "", f"{max(self.lost):,}" if self.lost else "",
            us(median(self.agent)) if self.agent else "", f"{median(self.bytes):,.0f}" if self.bytes else "")

    @property
    def worst(self):
        return max(self.missing, key=abs)

    def target(self, report, what):
        """Nothing may be missing that is not lost, and nothing lost."""
        report.target(f"{what}, {self.name}", "0 missing, 0 lost", f"{self.worst:,} missing, {max(self.lost):,} lost",
                      self.worst == max(self.lost) == 0)


class Reasons:
    """Why events were lost, as martlet says it: the most in any round."""

    def __init__(self):
        self.most = {}

    def add(self, lines):
        for count, reason in (found.groups() for line in lines if (found := re.match(r"lost (\d+) by (\w+)", line))):
            self.most[reason] = max(self.most.get(reason, 0), int(count))

    def notes(self, name):
        return [f"{name}: lost {count:,} by {reason} in the worst round." for reason, count in sorted(self.most.items())]


class Variant:
    """One who watches, and what each piece of work costs meanwhile."""

    def __init__(self, make, works):
        self.make = make
        self.works = works
        self.name = make().name
        self.reasons = Reasons()
        self.costs = [Cost(self.name) for _ in works]

    def round(self, bench):
        done = []
        with self.make() as watcher:
            for work, cost in zip(self.works, self.costs):
                done.append(self.work(bench, watcher, work, cost))
            if watcher.watches:
                watcher.stop()
                self.count(watcher, done)

    def work(self, bench, watcher, work, cost):
        """The run that counted; others open files too, so the agent's time is divided by all events that it saw."""
        before = (watcher.cpu(), watcher.events(), size(watcher)) if watcher.watches else None
        done = work.run(bench)
        cost.cpu.append(done.cpu_per_op)
        cost.wall.append(done.wall_per_op)
        if before:
            watcher.settle()
            events = watcher.events() - before[1]
            if events:
                cost.agent.append((watcher.cpu() - before[0]) / events)
            if watcher.is_alone:
                cost.bytes.append((size(watcher) - before[2]) / work.count / done.times)
        return done

    def count(self, watcher, done):
        found = [[0, 0] for _ in self.works]
        patterns = [re.compile(work.pattern(watcher.kind, one).encode()) for work, one in zip(self.works, done)]
        with open(watcher.output, "rb") as lines:
            for line in lines:
                for pattern, sums in zip(patterns, found):
                    if pattern.search(line):
                        sums[0] += 1
                        sums[1] += len(line)
                        break
        lost = watcher.lost()
        self.reasons.add(watcher.reasons())
        for work, one, cost, (shown, bytes_shown) in zip(self.works, done, self.costs, found):
            due = work.due(watcher.kind, one)
            cost.missing.append(due - shown)
            cost.lost.append(lost)
            if not watcher.is_alone:
                cost.bytes.append(bytes_shown / max(1, shown) * work.lines[watcher.kind])


def size(watcher):
    return watcher.output.stat().st_size
