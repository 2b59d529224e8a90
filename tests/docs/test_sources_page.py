"""The table of sources in docs/sources.md names what there is; the cells are not run again."""

from __future__ import annotations

import re

from headstart.methods import METHODS
from headstart.models import SOURCES
from headstart.tasks import TASKS
from tests.static.repository import ROOT

HINT = "run: python -m benchmarks.source_table (with --table it only writes the rows anew)"


def rows() -> list[list[str]]:
    text = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    block = text.split("<!-- table: start -->")[1].split("<!-- table: end -->")[0]
    lines = [line for line in block.strip().splitlines() if not line.startswith("|---")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_source_and_task_is_in_the_table() -> None:
    head, *body = rows()
    assert head == ["source", *sorted(TASKS.built_in)], HINT
    assert [row[0].strip("`") for row in body] == list(SOURCES.built_in), HINT
    assert all(len(row) == len(head) for row in body)


def test_only_strategies_that_there_are_are_named() -> None:
    for row in rows()[1:]:
        for cell in row[1:]:
            if cell in ("none", "not tried", "all") or cell.startswith("no "):
                continue
            names = set(re.split(r"; not tried: |, ", cell.removeprefix("all but ")))
            assert names <= set(METHODS.built_in), cell
