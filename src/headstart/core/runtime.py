"""The machine that the process runs on: folders, cores, device, precision, and whether the network may be used."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Literal

from headstart.core.errors import OptionError

Precision = Literal["float32", "bfloat16"]


def cache_folder() -> Path:
    """Where features, facts and pulled models are kept: `HEADSTART_CACHE`, else the user's cache folder."""
    given = os.environ.get("HEADSTART_CACHE")
    if given:
        return Path(given).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("headstart")


def offline() -> bool:
    """Whether the user has forbidden the network (`--offline`, `HEADSTART_OFFLINE=1` or `HF_HUB_OFFLINE=1`)."""
    truthy = {"1", "true", "yes", "on"}
    return any(os.environ.get(name, "").lower() in truthy for name in ("HEADSTART_OFFLINE", "HF_HUB_OFFLINE"))


def go_offline() -> None:
    """Forbid the network for the rest of the process, for us and for the hub libraries, before they are imported."""
    for name in ("HEADSTART_OFFLINE", "HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "TRANSFORMERS_OFFLINE"):
        os.environ[name] = "1"


ALLOW_CODE = "HEADSTART_ALLOW_CODE"


def code_allowed() -> bool:
    """Whether the user lets code run that comes with models (`--allow-code` or `HEADSTART_ALLOW_CODE=1`)."""
    return os.environ.get(ALLOW_CODE, "").lower() in {"1", "true", "yes", "on"}


def allow_code() -> None:
    """Let code run that comes with models, for the rest of the process."""
    os.environ[ALLOW_CODE] = "1"


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def resolve_device(name: str = "auto") -> str:
    """`cuda`, `mps` or `cpu` for `auto`; a device that was asked for but is not there raises `OptionError`."""
    import torch

    there = ["cpu"]
    if torch.backends.mps.is_available():
        there.insert(0, "mps")
    if torch.cuda.is_available():
        there.insert(0, "cuda")
    if name == "auto":
        return there[0]
    if name.partition(":")[0] not in there:
        raise OptionError(f"Device '{name}' is not available.", hint=f"This machine has: {', '.join(there)}.")
    return name


def resolve_precision(name: Precision | Literal["auto"], device: str) -> Precision:
    """The precision to compute in: bfloat16 for `auto` only where the hardware multiplies it natively."""
    if name != "auto":
        return name
    return "bfloat16" if _has_bfloat16(device) else "float32"


def _has_bfloat16(device: str) -> bool:
    import torch

    if device.startswith("cuda"):
        return torch.cuda.get_device_capability(device)[0] >= 8
    if device == "cpu":
        capabilities = torch.cpu.get_capabilities()
        return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16") or capabilities.get("bf16"))
    return False


def environment(device: str, precision: str) -> dict[str, str]:
    """What a run records of the machine, so that its numbers can be understood later."""
    import torch

    from headstart import __version__

    return {
        "headstart": __version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "system": platform.system(),
        "machine": platform.machine(),
        "cores": str(cores()),
        "device": torch.cuda.get_device_name(device) if device.startswith("cuda") else device,
        "precision": precision,
    }
