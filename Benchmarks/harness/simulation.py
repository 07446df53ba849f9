"""Many rings on few CPUs: a simulation, of what merging costs by the number of rings and of what the hold does."""
from .bench import median
from .pipeline import pipeline, record
from .report import ns, spread

OPENS = 20_000
HOLD = 2_000_000
RINGS = [1, 4, 16, 64]
ORDERS = {1: "alternating", 64: "64 at a time"}
TITLES = {"build": "to events", "decide": "… and filtered", "encode": "… and JSON"}


def measure(bench, report):
    bench.say(f"recording {OPENS:,} opens")
    opens = record(bench, "simulation", "open", OPENS, bench.file)
    passes, holds = [], []
    for number in range(bench.rounds):
        bench.say(f"simulation, round {number + 1}")
        lines = pipeline(bench, opens, "--simulate", ",".join(map(str, RINGS)), "--passes", "1")
        passes += [line for line in lines if "cpu_ns" in line]
        # no clock is in it: each round is the same
        holds = [line for line in lines if "delay_ns" in line]
    merging(report, passes)
    holding(report, holds)


def merging(report, passes):
    table = report.table(
        "Simulation: merging many rings, by one core",
        ["rings", "records", *TITLES.values(), "added to one ring", "events/s, one core"],
        ["A simulation: this machine has not so many cores. Real rings, filled with opens of four processes for each "
         "ring by this same core before it reads; then merged, made into events and filtered, as the agent's reading thread does, "
         "and made into JSON, which the agent leaves to another thread. CPU per event; events/s are those of the reading "
         "thread. Alternating: each record is in another ring than the one before it, which is the most that there can be "
         "to merge. What it does not have: other cores that write to the same rings meanwhile, and their caches."])
    for run, order in ORDERS.items():
        single = cost(passes, 1, run, "decide")
        for rings in RINGS:
            values = cost(passes, rings, run, "decide")
            plus = "" if rings == 1 else f"{median(values) - median(single):+,.0f} ns"
            table.row(rings, order, *(spread(cost(passes, rings, run, stage), ns) for stage in TITLES), plus,
                      f"{1e9 / median(values):,.0f}")
    late = sum(one["late"] for one in passes)
    if late:
        table.notes.append(f"{late:,} records were out of order, which must not be.")
    value = median(cost(passes, max(RINGS), 1, "decide"))
    report.target(f"simulation: {max(RINGS)} rings to one core", "≥ 1,000,000/s", f"{1e9 / value:,.0f}/s", value <= 1000)


def cost(passes, rings, run, stage):
    """ns per event of each pass."""
    return [one["cpu_ns"] / one["events"] for one in passes
            if (one["rings"], one["run"], one["stage"]) == (rings, run, stage)]


def holding(report, holds):
    table = report.table(
        "Simulation: records that reach their ring late",
        ["late by", "rings", "stragglers", "ring waits: out of order", "marked so", "ring goes on: out of order", "marked so",
         "wait, mean", "longest"],
        ["A simulation in a time of its own, the same on any machine: 100,000 opens a second, of which one in 997 reaches "
         "its ring late, as when its CPU is taken away between stamp and ring. Its ring waits where that CPU alone writes to "
         "it, and goes on where others do: then the straggler lies behind younger records. The reader looks every 4 ms and "
         "takes what is older than 2 ms, the hold; wait is from stamp to taking, where the ring goes on. Out of order: events "
         "behind a younger one."])
    by_case = {(one["delay_ns"], one["rings"], one["passed"]): one for one in holds}
    for delay, rings in sorted({case[:2] for case in by_case}):
        waits, goes = (by_case[delay, rings, passed] for passed in (0, 1))
        table.row(f"{delay / 1e6:g} ms", rings, waits["stragglers"], waits["behind"], waits["marked"], goes["behind"],
                  goes["marked"], f"{goes['mean_wait_ns'] / 1e6:.2f} ms", f"{goes['longest_wait_ns'] / 1e6:.2f} ms")
    unmarked = sum(abs(one["behind"] - one["marked"]) for one in holds)
    report.target("simulation: out of order, and not marked so", "0", unmarked, unmarked == 0)
    for passed, title in enumerate(["ring waits", "ring goes on"]):
        late = sum(one["behind"] for one in holds if one["delay_ns"] <= HOLD and one["passed"] == passed)
        report.target(f"simulation: out of order though late by no more than the hold, {title}", "0", late, late == 0)
