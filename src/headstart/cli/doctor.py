"""`headstart doctor`: what is installed, what the machine can do, and what will not work."""

from __future__ import annotations

import platform
import shutil
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from headstart import __version__
from headstart.cli.options import Common
from headstart.cli.output import show
from headstart.cli.sizes import size
from headstart.core.errors import HeadstartError
from headstart.core.runtime import cache_folder, cores, offline, resolve_device, resolve_precision

HUB_SECONDS = 2.0


def doctor(common: Common) -> int:
    """Check the installation: versions, device, cache and hub.

    Ends with 1 where something is missing, does not fit together or cannot be used. A hub that is out of reach is a
    fact, not a fault: everything but fetching models and data works without it.
    """
    faults: list[str] = []
    facts: dict[str, Any] = {
        "headstart": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": cores(),
        **_packages(faults),
        **_device(common.device, faults),
        **_cache(faults),
        "offline": offline(),
        "hub": None if offline() else _hub_answers(),
        "faults": faults,
    }
    show(facts, _text(facts), common=common)
    return 1 if faults else 0


def _packages(faults: list[str]) -> dict[str, Any]:
    from importlib.metadata import PackageNotFoundError

    from headstart.core.installation import extras, requirements

    try:
        packages = requirements()
    except PackageNotFoundError:
        faults.append("Headstart runs from its source and is not installed: pip install -e . in its folder.")
        return {"packages": {}, "extras": {}}
    faults += [f"{name} is not installed: pip install {name}" for name, version in packages.items() if version is None]
    return {"packages": packages, "extras": extras()}


def _device(name: str, faults: list[str]) -> dict[str, Any]:
    """What computes; nothing of it can be known while torch and torchvision do not fit each other."""
    from headstart.core.compatibility import check_torch_pair, import_problem

    facts: dict[str, Any] = {"device": None, "device_name": None, "bfloat16": None}
    try:
        check_torch_pair()
        if problem := import_problem():
            raise HeadstartError(problem)
        device = resolve_device(name)
    except HeadstartError as error:
        faults.append(str(error).replace("\n", " "))
        return facts
    return {
        "device": device,
        "device_name": _device_name(device),
        "bfloat16": resolve_precision("auto", device) == "bfloat16",
    }


def _device_name(device: str) -> str:
    import torch

    return torch.cuda.get_device_name(device) if device.startswith("cuda") else platform.processor() or device


def _cache(faults: list[str]) -> dict[str, Any]:
    folder = cache_folder()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        faults.append(f"The cache folder {folder} cannot be written: {error.strerror}. Set HEADSTART_CACHE to another.")
    return {
        "cache": str(folder),
        "cache_bytes": sum(path.stat().st_size for path in _files(folder)),
        "free_bytes": shutil.disk_usage(there).free,
    }


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []


def _hub_answers() -> bool:
    """Whether the hub answers at all within two seconds; a thread, because looking up a name has no time limit."""
    from huggingface_hub.constants import ENDPOINT

    answered = threading.Event()

    def ask() -> None:
        try:
            urllib.request.urlopen(urllib.request.Request(ENDPOINT, method="HEAD"), timeout=HUB_SECONDS).close()
        except urllib.error.HTTPError:
            answered.set()  # it refuses, but it is there
        except OSError:
            return
        else:
            answered.set()

    threading.Thread(target=ask, daemon=True).start()
    return answered.wait(HUB_SECONDS)


def _text(facts: dict[str, Any]) -> str:
    def yes(value: bool | None) -> str:
        return "unknown" if value is None else "yes" if value else "no"

    packages, extras = facts["packages"], facts["extras"]
    hub = (
        "not asked" if facts["hub"] is None else "answers" if facts["hub"] else f"no answer within {HUB_SECONDS:.0f} s"
    )
    rows = {
        "headstart": f"{facts['headstart']}, Python {facts['python']}, {facts['system']}",
        "packages": ", ".join(f"{name} {version or 'missing'}" for name, version in packages.items()) or "unknown",
        "extras": ", ".join(f"{name}: {yes(there)}" for name, there in extras.items()) or "none",
        "device": f"{facts['device'] or 'unknown'} ({facts['device_name']}), {facts['cores']} cores",
        "bfloat16": yes(facts["bfloat16"]),
        "cache": f"{facts['cache']}, {size(facts['cache_bytes'])} used, {size(facts['free_bytes'])} free on the disk",
        "offline": yes(facts["offline"]),
        "hub": hub,
    }
    lines = [f"{name:10} {value}" for name, value in rows.items()]
    lines += [f"FAULT      {fault}" for fault in facts["faults"]] or ["No faults found."]
    return "\n".join(lines)
