"""The SQLite store: how fast it takes events and gives them back, and how large they are in it."""
import re

from .bench import median
from .pipeline import EXECS, OPENS, record
from .report import ns, spread


def measure(bench, report):
    bench.say(f"recording {OPENS:,} opens, {EXECS:,} execs")
    opens = record(bench, "store-opens", "open", OPENS, bench.file)
    execs = record(bench, "store-execs", "exec", EXECS, "/bin/true", "one", "two")
    table = report.table("Store", ["", "CPU per event", "events/s", "bytes per event"], [
        "martlet replay … --sink sqlite on a memory file system, all of its threads on one core; the database file at the "
        "end, with its indexes. Limited: half of the events are deleted again, to keep within --store-size."])
    for title, recording, options in [
        ("opens", opens, []),
        ("fork, exec, exit", execs, []),
        ("opens, limited", opens, ["--store-size", "40M"]),
    ]:
        rounds, problem = [], None
        for number in range(bench.rounds):
            bench.say(f"store, {title}, round {number + 1}")
            result, problem = fill(bench, recording, options)
            if not result:
                break
            rounds.append(result)
        if problem:
            table.row(title, problem, "", "")
            report.target(f"store, {title}", "≥ 100,000/s", "failed", False)
            continue
        cpu, size = [list(column) for column in zip(*rounds)]
        rate = 1e9 / median(cpu)
        table.row(title, spread(cpu, ns), f"{rate:,.0f}", "" if options else f"{median(size):,.0f}")
        if recording is opens:
            report.target(f"store, {title}", "≥ 100,000/s", f"{rate:,.0f}/s", rate >= 100_000)
    queries(bench, report, opens)


def fill(bench, recording, options):
    """(CPU ns per event, bytes per event) of a fresh store, or what went wrong."""
    path = bench.memory / "events.db"
    for name in ("", "-wal", "-shm"):
        (bench.memory / f"events.db{name}").unlink(missing_ok=True)
    arguments = ["replay", recording, "--sink", f"sqlite:{path}", *options]
    work = bench.run([bench.binary("martlet"), *arguments], bench.cpus[-1])
    found = re.search(r"(\d+) events: (\d+) written", work.output)
    if work.status != 0 or not found:
        return None, f"ended with status {work.status}: {work.output.strip()[:200]}"
    events = int(found.group(2))
    return (work.cpu * 1e9 / events, path.stat().st_size / events), None


def queries(bench, report, opens):
    result, problem = fill(bench, opens, [])
    table = report.table("Queries", ["of so many opens: %s" % f"{OPENS:,}", "wall"])
    if not result:
        table.row("no store", problem)
        return
    asked = [
        ("--path, nothing found", ["--path", "/no/where"]),
        ("--last 20 -o json", ["--last", "20", "-o", "json"]),
        ("all, -o json", ["-o", "json"]),
        ("--sql, a group of all files by path", ["--sql", "SELECT path, count(*) FROM files GROUP BY 1 LIMIT 5"]),
    ]
    for title, arguments in asked:
        times = []
        for _ in range(bench.rounds):
            work = bench.run([bench.binary("martlet"), "query", "--store", bench.memory / "events.db", *arguments],
                             bench.cpus[-1])
            times.append(work.wall * 1e9)
        table.row(title, spread(times, ns))
