"""What this process and its children used: CPU seconds, peak memory."""

import resource

WHO = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def cpu() -> float:
    """Return CPU seconds of this process and of its children that ended."""
    used = map(resource.getrusage, WHO)
    return sum(one.ru_utime + one.ru_stime for one in used)


def peaks() -> tuple[float, float]:
    """Return the most memory in MiB of this process, and of its largest child that ended."""
    own, child = (resource.getrusage(who).ru_maxrss / 1024 for who in WHO)
    return own, child
