"""How much memory is free."""

from __future__ import annotations

import os
from pathlib import Path

from headstart.core.allocator import give_back

CONTROL_GROUP = Path("/sys/fs/cgroup")


def free_memory(device: str = "cpu") -> int:
    """Bytes that can still be allocated on the device; for the processor, what the system and the container leave."""
    if device.startswith("cuda"):
        import torch

        return torch.cuda.mem_get_info(device)[0]
    give_back()
    free = [_system_memory()]
    limit, used = CONTROL_GROUP / "memory.max", CONTROL_GROUP / "memory.current"
    if limit.is_file() and used.is_file() and (text := limit.read_text().strip()) != "max":
        free.append(max(int(text) - int(used.read_text()), 0))
    return min(free)


def _system_memory() -> int:
    meminfo = Path("/proc/meminfo")
    if meminfo.is_file():
        for line in meminfo.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    return 2 * 1024**3
