from __future__ import annotations

from pathlib import Path

import pytest

from headstart import models
from headstart.data.reader import ReadOptions
from headstart.data.text_arrays import READER
from headstart.features.unfitting import shares, unfitting
from tests.encoders import write_encoder


def test_what_is_longer_is_said_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    encoder = models.load(str(write_encoder(tmp_path)))
    assert encoder.card.input is not None
    dataset = READER.read((["good", "bad " * 30, "fine", "so"], list("abab")), ReadOptions())
    ledger = unfitting(dataset, encoder, encoder.card.input)
    assert [line.items for line in ledger.lines] == [("row 2",)]
    assert "25.0% of all" in capsys.readouterr().err
    assert shares(ledger, dataset) == ("25.0% of the texts: longer than 16 tokens: read in windows that are averaged.",)
