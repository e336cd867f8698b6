"""
Is this still the boot of the computer in which a monotonic time was read?
"""

from pathlib import Path

_LINUX = Path("/proc/sys/kernel/random/boot_id")


def boot_id(linux: Path = _LINUX) -> str:
    """Return a text that is the same for as long as the computer is up; monotonic times go on."""
    try:
        return linux.read_text(encoding="ascii").strip()
    except OSError:  # not Linux, or no /proc in this container
        import psutil

        # whole minutes: where it is computed from the wall clock, it wavers by a second
        return f"up since minute {round(psutil.boot_time() / 60)}"
