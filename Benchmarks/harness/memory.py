"""How much memory a process has, and how much of it is rings."""


class Memory:
    def __init__(self, pid):
        """Sizes in bytes."""
        total = sum(size for key, size in sizes(f"/proc/{pid}/smaps_rollup") if key == "Pss:")
        self.rings = 0
        is_ring = False
        for key, size in sizes(f"/proc/{pid}/smaps"):
            if size is None:
                is_ring = "bpf-map" in key or "[bpf]" in key
            elif key == "Pss:" and is_ring:
                self.rings += size
        self.own = total - self.rings


def sizes(path):
    """(key, bytes) of each line that has them; (line, None) of each line that begins a mapping."""
    with open(path) as lines:
        for line in lines:
            words = line.split()
            if "-" in words[0]:
                yield line, None
            elif words[-1] == "kB":
                yield words[0], int(words[1]) * 1024
