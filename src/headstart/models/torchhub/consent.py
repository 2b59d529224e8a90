"""Models whose network is somebody's Python code: it is run where the user has said so, and nowhere else."""

from __future__ import annotations

from headstart.core.errors import ModelError
from headstart.core.runtime import ALLOW_CODE, code_allowed


def check_code_allowed(model: str, *, whose: str) -> None:
    """Raise `ModelError`, saying what would be run, unless `--allow-code` was given."""
    if code_allowed():
        return
    raise ModelError(
        f"{model} runs the Python code of {whose}: that code builds the network, and can do on this machine whatever "
        "you can.",
        hint=f"Read it, and where you trust it: --allow-code, or {ALLOW_CODE}=1 in the environment. A saved run of "
        "such a model asks again whenever it is loaded.",
    )
