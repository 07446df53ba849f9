"""The spool: how fast events come to disk while a sink is away, how fast back, and what that costs the others."""
import shutil
import tempfile

from .bench import Problem, median
from .report import ns, spread

EVENTS = 500_000


def measure(bench, report):
    rounds = []
    for number in range(bench.rounds):
        bench.say(f"spool, round {number + 1}")
        rounds.append(run(bench))
    column = lambda key: [values[key] for values in rounds]
    rate = lambda key: [EVENTS * 1e9 / value for value in column(key)]
    table = report.table("Spool", ["", "events/s", "CPU per event"], [
        f"{EVENTS:,} opens by 300 processes of 5,000 files, in memory, to a sink that is away and then back; "
        f"{median(column('bytes')) / EVENTS:,.0f} bytes an event on disk; synced after 1 s. "
        f"Beside the file {median(column('away_lost')):,.0f} events had no room in the queue before the spool, which is "
        "offered them as fast as the file takes them."])
    for title, key in [("written", "write"), ("read back", "read"), ("a file, alone", "alone"),
                       ("a file, beside a sink that is away", "beside")]:
        table.row(title, spread(rate(key), lambda value: f"{value:,.0f}"),
                  spread([value / EVENTS for value in column(key + "_cpu")], ns))
    written = median(rate("write"))
    report.target("spool, written", "≥ 200,000/s", f"{written:,.0f}/s", written >= 200_000)
    ratio = median([a / b for a, b in zip(column("alone"), column("beside"))])
    lost = max(column("lost"))
    report.target("a file beside a sink that is away", "as fast, nothing lost", f"{ratio:.2f} times, {lost} lost",
                  ratio >= 0.9 and lost == 0)


def run(bench):
    # on a disk, and not below the build, which another file system may hold
    folder = tempfile.mkdtemp(prefix="martlet-bench-spool-", dir="/var/tmp")
    try:
        work = bench.run([bench.binary("SpoolBench"), folder, EVENTS])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if work.status != 0:
        raise Problem(f"SpoolBench: {work.output.strip()[:300]}")
    return {key: int(value) for key, value in (pair.split("=") for pair in work.output.split())}
