"""Results as tables: for a terminal, or as Markdown."""
import platform
import shlex
import sys

from .bench import median


class Table:
    def __init__(self, title, header, notes=()):
        self.title = title
        self.header = header
        self.rows = []
        self.notes = list(notes)

    def row(self, *cells):
        self.rows.append([str(cell) for cell in cells])

    def text(self):
        widths = [max(len(row[column]) for row in [self.header, *self.rows]) for column in range(len(self.header))]

        def line(cells):
            first, *rest = (cell.ljust(width) if not column else cell.rjust(width)
                            for column, (cell, width) in enumerate(zip(cells, widths)))
            return "  ".join(["  " + first, *rest]).rstrip()

        return "\n".join([self.title, line(self.header), *map(line, self.rows), *("  " + note for note in self.notes)])

    def markdown(self):
        def line(cells):
            return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

        rule = line(["---"] + ["---:"] * (len(self.header) - 1))
        notes = [""] + self.notes if self.notes else []
        return "\n".join([f"## {self.title}", "", line(self.header), rule, *map(line, self.rows), *notes])


class Report:
    def __init__(self, options, date):
        self.options = options
        self.tables = []
        self.targets = Table("Targets", ["what", "target", "measured", ""])
        self.head = [
            ("date", date.strftime("%Y-%m-%d %H:%M UTC")),
            ("kernel", f"{platform.release()} ({platform.machine()})"),
            ("CPU", cpu_name()),
            ("command", shlex.join(["scripts/bench", *sys.argv[1:]])),
        ]

    def table(self, *arguments):
        self.tables.append(Table(*arguments))
        return self.tables[-1]

    def target(self, what, target, measured, met):
        self.targets.row(what, target, measured, "met" if met else "MISSED")

    def machine(self, bench):
        share = bench.foreign_share()
        on_hooks = f"; somebody else's kernel programs were on during {bench.disturbed} samples" if bench.disturbed else ""
        self.head.append(("rounds", f"{bench.rounds}, in turn; medians"))
        self.head.append(("noise", f"others had {share:.0%} of all CPU time during the run" + on_hooks))

    def print(self):
        tables = ([self.targets] if self.targets.rows else []) + self.tables
        if self.options.markdown:
            print("\n".join(f"- {key}: {value}" for key, value in self.head))
            print()
            print("\n\n".join(table.markdown() for table in tables))
        else:
            print("\n".join(f"{key:8} {value}" for key, value in self.head))
            print()
            print("\n\n".join(table.text() for table in tables))


def cpu_name():
    lines = [line for line in open("/proc/cpuinfo") if line.startswith(("model name", "processor"))]
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    count = sum(line.startswith("processor") for line in lines)
    return f"{count} × {names[0] if names else platform.machine()}"


def spread(values, form):
    """The median, and half of the way from the least to the most."""
    middle = median(values)
    return f"{form(middle)} ±{(max(values) - min(values)) / 2 / middle:.0%}"


def ns(value):
    return f"{value:,.0f} ns"


def us(value):
    return f"{value / 1000:,.2f} µs"
