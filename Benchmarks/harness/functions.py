"""What policies cost at a function of the kernel, by each way that it lets programs there; many kernels let none."""
import pathlib
import subprocess
import tempfile

from .agents import Nobody
from .bench import added
from .policies import HEAD, Policed, Series, kernel_bytes, times
from .report import ns, spread

# Fewer than elsewhere, since such kernels often run emulated.
OPENS = 20_000
SELECTORS = """args: [{{index: 0, type: file}}]
      selectors: [{{matchArgs: [{{index: 0, operator: Equal, values: [{path}]}}]}}]
---
"""
KPROBES = """  kprobes:
    - call: security_file_open
      syscall: false
      """ + SELECTORS
# As policies are asked for, and as `martlet policy check` calls it.
WAYS = {
    "kprobe": "  options: [{{name: disable-kprobe-multi, value: \"true\"}}]\n" + KPROBES,
    "kprobe.multi": KPROBES,
    "fentry": KPROBES.replace("kprobes:", "fentries:"),
    "LSM": "  lsmhooks:\n    - hook: file_open\n      " + SELECTORS,
}


def rejecting(bench, way, count):
    """Policies on the opening of files, none of which has the file of the workload."""
    return "".join(
        (HEAD + WAYS[way]).format(name=f"p{number}", path=f"/nothing/of/policy{number}" if number else bench.marker)
        for number in range(count))


def loads(bench, place, way):
    """Whether this kernel lets a policy in by it."""
    file = place / "policy.yaml"
    file.write_text(rejecting(bench, way, 1))
    check = [bench.binary("martlet"), "policy", "check", file]
    return f"on this kernel: {way};" in subprocess.run(check, capture_output=True, text=True).stdout


def measure(bench, report):
    Policed.before = kernel_bytes()
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        ways = [way for way in WAYS if loads(bench, place, way)]
        if not ways:
            report.table("policies at functions of the kernel", ["left out", ""]).row(
                "this kernel lets no programs there", "see martlet doctor; docs/performance.md says how to have one that does")
            return

        def policed(way, count):
            name = f"{way}, {count} that reject{'s' * (count == 1)}"
            return Series(lambda: Policed(bench, place, name, rejecting(bench, way, count)), OPENS, 0)

        none = Series(lambda: Nobody(bench), OPENS, 0)
        pairs = [(way, policed(way, 1), policed(way, 100)) for way in ways]
        for number in range(bench.rounds):
            for each in [none, *(series for _, *pair in pairs for series in pair)]:
                bench.say(f"functions, round {number + 1}: {each.name}")
                each.round(bench)
    table = report.table(
        f"policies on security_file_open: open and close of a cached path {OPENS:,} times",
        ["", "CPU per open", "added"],
        ["Added: beside nobody, in the same round."])
    table.row("none", spread(none.open, ns), "")
    for way, one, hundred in pairs:
        for each in (one, hundred):
            table.row(each.name, spread(each.open, ns), f"+{added(each.open, none.open):,.0f} ns")
        factor = times(hundred, one, none)
        report.target(f"100 policies on one function by {way}, to one", "<= 3 times", f"{factor:.2f} times", factor <= 3)
