"""The many spellings of a licence on a hub -> its SPDX identifier."""

from __future__ import annotations

_SPDX = (
    "Apache-2.0",
    "MIT",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "CC-BY-4.0",
    "CC-BY-SA-4.0",
    "CC-BY-NC-4.0",
    "CC-BY-NC-SA-4.0",
    "CC-BY-NC-ND-4.0",
    "GPL-3.0-only",
    "AGPL-3.0-only",
    "MPL-2.0",
)
_KNOWN = {name.lower(): name for name in _SPDX} | {"gpl-3.0": "GPL-3.0-only", "agpl-3.0": "AGPL-3.0-only"}
# Commercial use is allowed, and no more is asked for than a notice.
PERMISSIVE = frozenset({"Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CC-BY-4.0"})
_NOT_SAID = ("", "none", "unknown", "other")


def spdx(licence: object) -> str:
    """The SPDX identifier, `LicenseRef-NAME` for a licence that SPDX does not list, `unknown` where none is named."""
    name = str(licence or "").strip().lower()
    if name in _NOT_SAID:
        return "unknown"
    return _KNOWN.get(name, f"LicenseRef-{name.replace(' ', '-')}")


def known_licences() -> tuple[str, ...]:
    """The SPDX identifiers that are told apart here."""
    return _SPDX
