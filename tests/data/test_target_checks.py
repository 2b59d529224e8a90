"""Targets that are more than labels, on the way from a reader to parts and a profile."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headstart.core.dataset import Dataset, Part
from headstart.core.targets import Entities, column_of
from headstart.data.fingerprint import fingerprint
from headstart.data.finishing import finish
from headstart.data.joining import join_parts
from headstart.data.looking import look_at
from headstart.data.reader import ReadOptions
from headstart.data.splitting import assign_parts
from headstart.data.target_checks import CHECKS, checked_targets
from headstart.data.text_columns import TextColumn
from headstart.profiling import profile


class Nothing:
    """A check that finds everything in order."""

    def check(self, dataset: Dataset, facts: Any) -> tuple[Dataset, Any]:
        return dataset, facts

    def described(self, dataset: Dataset, facts: Any) -> dict[str, Any]:
        return {}


CHECK = Nothing()


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CHECKS.built_in, "token-classification", f"{__name__}:CHECK")


def tagged(texts: list[str], tags: list[list[int]], labels: tuple[str, ...] = ("place", "person")) -> Dataset:
    def entities(text: str, numbers: list[int]) -> Entities:
        starts = np.cumsum([0, *(len(word) + 1 for word in text.split())])[:-1]
        ends = starts + [len(word) for word in text.split()]
        return Entities(np.stack([starts, ends], axis=1).astype(np.int32), np.array(numbers, np.int32))

    return Dataset(
        task="token-classification",
        labels=labels,
        inputs=TextColumn(pa.array(texts)),
        targets=column_of([entities(*pair) for pair in zip(texts, tags, strict=True)]),
        parts=np.full(len(texts), Part.UNASSIGNED, np.int8),
        source="memory",
    )


def several(count: int = 12) -> Dataset:
    texts = [f"Ada saw Rome on day {number} ." for number in range(count)]
    return tagged(texts, [[3, 0, 1, 0, 0, 0, 0]] * count)


def test_parts_with_other_lists_of_labels_are_joined_by_name() -> None:
    train, test = tagged(["Rome"], [[1]]), tagged(["Ada"], [[1]], labels=("person",))
    joined = join_parts({"train": train, "test": test}, source="both")
    assert joined.structured
    assert joined.labels == ("place", "person")
    assert [target.tags.tolist() for target in joined.targets] == [[1], [3]]


def test_the_fingerprint_follows_the_targets() -> None:
    dataset, _ = look_at(several())
    changed = dataset.targets.copy()
    changed[0] = Entities(changed[0].words, np.zeros_like(changed[0].tags))
    assert fingerprint(dataset) == fingerprint(look_at(several())[0])
    assert fingerprint(dataset) != fingerprint(replace(dataset, targets=changed))


def test_a_profile_counts_the_items_that_have_anything_of_a_label() -> None:
    dataset, facts = look_at(tagged(["Ada met Bob", "Rome", "so"], [[3, 0, 3], [1], [0]]))
    found = profile(dataset, facts)
    assert found.structured
    assert found.per_label == (1, 1)


def test_the_same_text_with_other_targets_is_a_conflict() -> None:
    dataset, facts = look_at(tagged(["Rome", "Rome"], [[1], [0]]))
    duplicates = profile(dataset, facts).exact
    assert duplicates.conflicting == 1
    assert duplicates.examples[0].labels == ("1 place", "nothing")


def test_parts_are_carved_out_by_content() -> None:
    dataset = assign_parts(look_at(several(40))[0])
    sizes = [len(dataset.indices(part)) for part in (Part.TRAIN, Part.VALIDATION, Part.TEST)]
    assert all(sizes)
    assert dataset.structured


def test_a_label_that_nothing_has_stays_in_its_place() -> None:
    assert finish(tagged(["Ada"], [[3]]), ReadOptions()).labels == ("place", "person")


def test_targets_that_are_labels_need_no_check() -> None:
    plain = replace(several(1), task="text-classification", labels=("a",), targets=np.zeros(1, np.int32))
    dataset, _ = look_at(plain)
    assert checked_targets(dataset, CHECK)[0] is dataset  # type: ignore[arg-type]
