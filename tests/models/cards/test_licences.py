"""Licences as SPDX identifiers."""

from __future__ import annotations

import pytest

from headstart.models.cards.licences import spdx


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("apache-2.0", "Apache-2.0"),
        ("Apache-2.0", "Apache-2.0"),
        ("mit", "MIT"),
        ("cc-by-nc-4.0", "CC-BY-NC-4.0"),
        ("gpl-3.0", "GPL-3.0-only"),
        ("apple-ascl", "LicenseRef-apple-ascl"),
        ("DINOv3 License", "LicenseRef-dinov3-license"),
        ("unknown", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_spdx(written: object, expected: str) -> None:
    assert spdx(written) == expected
