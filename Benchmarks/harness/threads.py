"""One process of many threads, which open as fast as they can: all of it goes over one ring."""
import re
import time

from .agents import Martlet, Nobody
from .bench import added, median
from .cost import Cost, Reasons
from .report import ns, spread, us

OPENS = 200_000
THREADS = [1, 2, 4, 8]


class Variant:
    def __init__(self, make):
        self.make = make
        self.name = make().name
        self.costs = {threads: Cost(self.name) for threads in THREADS}
        self.reasons = Reasons()
        self.faults = []        # events of anyone that the books do not explain

    def round(self, bench):
        due = {}
        with self.make() as watcher:
            for threads in THREADS:
                due[threads] = self.work(bench, watcher, threads)
            if watcher.watches:
                watcher.stop()
                self.count(watcher, due)

    def work(self, bench, watcher, threads):
        """How many opens there were."""
        cost = self.costs[threads]
        before = (watcher.cpu(), watcher.events()) if watcher.watches else None
        done = bench.workload("open-threads", threads, OPENS, bench.tree / f"threads-{threads}")
        cost.cpu.append(done.cpu_per_op)
        cost.wall.append(done.wall_per_op)
        if before:
            # what waits in queues is the agent's work as well
            time.sleep(1)
            cost.agent.append((watcher.cpu() - before[0]) / (watcher.events() - before[1]))
        return OPENS * done.times

    def count(self, watcher, due):
        shown = dict.fromkeys(due, 0)
        pattern = re.compile(rf'"name":"{re.escape(str(watcher.bench.tree))}/threads-(\d+)-'.encode())
        with open(watcher.output, "rb") as lines:
            for line in lines:
                found = pattern.search(line)
                if found:
                    shown[int(found[1])] += 1
        self.reasons.add(watcher.reasons())
        self.faults.append(unexplained(watcher.text, sum(due.values()) - sum(shown.values())))
        for threads, cost in self.costs.items():
            cost.missing.append(due[threads] - shown[threads])
            cost.lost.append(watcher.lost())


def unexplained(books, missing):
    """Opens that are neither written, nor filtered, nor lost; and ours that are missing without being lost."""
    produced, written, filtered, lost = map(int, re.findall(r"^open +(\d+) +(\d+) +(\d+) +(\d+)", books, re.MULTILINE)[-1])
    return abs(produced - written - filtered - lost) + max(0, missing - lost)


def measure(bench, report):
    none = Variant(lambda: Nobody(bench))
    usual = Variant(lambda: Martlet(bench, bench.memory, "martlet"))
    single = Variant(lambda: Martlet(bench, bench.memory, "martlet --rings 1", "--rings", "1"))
    variants = [none, usual, single]
    for number in range(bench.rounds):
        for one in variants:
            bench.say(f"threads, round {number + 1}: {one.name}")
            one.round(bench)

    table = report.table(
        f"{OPENS:,} opens by the threads of one process",
        ["", "threads", "CPU per op", "added", "against one thread", "wall per op", "missing", "agent's CPU/event"],
        [f"The threads run on all {len(bench.cpus)} CPUs beside the agent, each with a file of its own. All of them have "
         "one tgid, and so one ring, whatever the number of rings; --rings 1 leaves that ring to everybody else as well. "
         "Against one thread: what is added, of what is added to one thread. Wall per op: time in all, through all opens. "
         "Missing: in the worst round."])
    for one in variants:
        for threads, cost in one.costs.items():
            table.row(one.name, threads, spread(cost.cpu, ns), *against(one, none, threads), ns(median(cost.wall)),
                      f"{cost.worst:,}" if cost.missing else "", us(median(cost.agent)) if cost.agent else "")
        table.notes += one.reasons.notes(one.name)
    for one in (usual, single):
        worst = max(cost.worst for cost in one.costs.values())
        lost = max(max(cost.lost) for cost in one.costs.values())
        report.target(f"opens of many threads, {one.name}", "each written, or counted as lost",
                      f"{worst:,} missing, {lost:,} lost, {max(one.faults):,} unexplained", max(one.faults) == 0)


def against(one, none, threads):
    if one is none:
        return "", ""
    value, single = (added(one.costs[count].cpu, none.costs[count].cpu) for count in (threads, 1))
    return f"{value:+,.0f} ns", f"{value / single:.2f}"
