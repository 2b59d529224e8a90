"""What an id may say after its name, `#option=value` each: facts that nothing else says of a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from headstart.core.card import InputFacts
from headstart.core.errors import ModelError, did_you_mean

PICTURES = ("size", "mean", "std", "channels")
"""How pictures are prepared: pixels of a side, and what they are normalised by, one number or one a channel."""


def split_options(model: str, *, allowed: Sequence[str]) -> tuple[str, dict[str, str]]:
    """An id without its options, and the options. Raises `ModelError` for any that there are not, all at once."""
    name, *given = model.split("#")
    found: dict[str, str] = {}
    problems = []
    for text in given:
        key, equals, value = text.partition("=")
        if key not in allowed:
            problems.append(f"Unknown option '{key}' in '{model}'.{did_you_mean(key, allowed)}")
        elif not equals or not value:
            problems.append(f"The option '{key}' in '{model}' has no value.")
        elif key in found:
            problems.append(f"The option '{key}' is given twice in '{model}'.")
        else:
            found[key] = value
    if problems:
        raise ModelError(problems, hint=f"Options are {', '.join(f'#{name}=VALUE' for name in allowed)}.")
    return name, found


def picture_facts(facts: InputFacts, options: Mapping[str, str], *, model: str) -> InputFacts:
    """Facts with what the options say in their place. Raises `ModelError` for values that make no sense."""
    given = {name: value for name, value in options.items() if name in PICTURES}
    try:
        channels = int(given.get("channels", facts.channels))
        changed: dict[str, Any] = {"channels": channels}
        if "size" in given:
            changed["size"] = (int(given["size"]), int(given["size"]))
        for name in ("mean", "std"):
            values = tuple(float(part) for part in given[name].split("/")) if name in given else getattr(facts, name)
            changed[name] = values if len(values) == channels else (sum(values) / len(values),) * channels
            if name in given and len(values) not in (1, channels):
                raise ValueError(f"{name} has {len(values)} numbers for {channels} channels")
        if any(value <= 0 for value in changed["std"]):
            raise ValueError("std is not positive")
        return InputFacts.model_validate({**facts.model_dump(), **changed})
    except (ValueError, ValidationError) as error:
        raise ModelError(
            f"The options of '{model}' make no sense: {' '.join(str(error).split())}.",
            hint="For example #size=224, #mean=0.5 or #std=0.2/0.2/0.3 (one number, or one a channel).",
        ) from error
