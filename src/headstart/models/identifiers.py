"""A model id, as a person writes it -> the source that it belongs to, and what that source calls it."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from headstart.core.errors import ModelError, did_you_mean
from headstart.models.files.folder import HUBCONF, source_of

FOLDER = "local-dir:"
FORMS = (
    "Ids are timm/NAME, hf/ORG/REPOSITORY[@REVISION], torchvision/NAME[:WEIGHTS], torchhub/OWNER/REPO:ENTRY@COMMIT, "
    "keras/NAME, tfhub/HANDLE, starter/NAME or a folder: a local model or a saved run; headstart models list shows "
    "some."
)


def resolve(model: str, *, sources: Sequence[str]) -> tuple[str, str]:
    """The name of the source, and the rest of the id; for a local folder the rest is `local-dir:FOLDER`.

    Raises `ModelError` for an id of no known form.
    """
    text = model.strip()
    folder = Path(text).expanduser() if text else Path()
    if text.startswith(("./", "../", ".\\", "..\\", "~")) or folder.is_absolute():
        return _source_of(folder), f"{FOLDER}{folder}"
    source, slash, rest = text.partition("/")
    if source in sources and rest:
        return source, rest
    if source not in sources and text and _without_details(folder).exists() and not folder.is_file():
        return _source_of(folder), f"{FOLDER}{folder}"
    raise ModelError(_problem(text, source if slash else "", sources), hint=FORMS)


def _source_of(named: Path) -> str:
    place = _without_details(named)
    function = place not in (named, Path(str(named).partition("#")[0]))
    return "torchhub" if function else source_of(place)


def _without_details(named: Path) -> Path:
    """A folder or file without what an id may say after it: `#option=value`, and the function of a `hubconf.py`."""
    plain = Path(str(named).partition("#")[0])
    if named.exists() or plain.exists():
        return named if named.exists() else plain
    folder = Path(str(plain).rpartition(":")[0])
    return folder if (folder / HUBCONF).is_file() else named


def _problem(text: str, source: str, sources: Sequence[str]) -> str:
    if not text:
        return "The model id is empty."
    if text.rstrip("/") in sources:
        return f"'{text}' names a source of models, but no model."
    if not source:
        guess = _whole(text)
        return f"'{text}' is not a model id: it does not say where the model comes from.{guess}"
    return f"Unknown source of models '{source}' in '{text}'.{did_you_mean(source, sources)}"


def _whole(text: str) -> str:
    """Which ids of the shortlist and of the bundled models a name without its source may be meant for."""
    from headstart.models.bundled import bundled
    from headstart.models.bundled_texts import text_starters
    from headstart.models.catalogue import catalogued

    ids = [*(f"starter/{name}" for name in (*bundled(), *text_starters())), *(card.id for card in catalogued())]
    names = {model.partition("/")[2].rpartition("/")[2].partition(":")[0]: model for model in reversed(ids)}
    names |= {name.partition(".")[0]: model for name, model in names.items()}
    close = get_close_matches(text, names, n=1)
    return f" Did you mean '{names[close[0]]}'?" if close else ""
