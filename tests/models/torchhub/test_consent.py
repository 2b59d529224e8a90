"""Code of others runs only where the user has said so."""

from __future__ import annotations

import pytest

from headstart.core.errors import ModelError
from headstart.models.torchhub.consent import check_code_allowed


def test_without_consent_the_error_says_what_would_run_and_how_to_allow_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEADSTART_ALLOW_CODE", raising=False)
    with pytest.raises(ModelError, match="m runs the Python code of somebody") as raised:
        check_code_allowed("m", whose="somebody")
    assert "--allow-code" in raised.value.hint
    assert "HEADSTART_ALLOW_CODE=1" in raised.value.hint
    monkeypatch.setenv("HEADSTART_ALLOW_CODE", "0")
    with pytest.raises(ModelError):
        check_code_allowed("m", whose="somebody")


def test_with_consent_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADSTART_ALLOW_CODE", "1")
    check_code_allowed("m", whose="somebody")
