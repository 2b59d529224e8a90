from __future__ import annotations

from headstart.data.entity_checks import CHECK
from headstart.data.looking import look_at
from headstart.data.reader import ReadOptions
from headstart.data.token_rows import token_dataset
from tests.data.pictures import items_of

ROWS = [
    {"text": "Ada Lovelace saw Rome", "entities": [[0, 12, "PER"], [17, 21, "LOC"]]},
    {"text": "\u200b", "entities": []},
    {"text": "rain", "entities": []},
]


def test_texts_without_words_are_left_out_and_the_rest_described() -> None:
    from pathlib import Path

    dataset, facts = look_at(token_dataset(ROWS, ReadOptions(), path=Path("t.jsonl")))
    assert items_of(dataset.ledger, "has no words") == ("row 2",)
    assert len(dataset) == len(facts) == 2
    about = CHECK.described(dataset, facts)["entities"]
    assert (about.entities, about.per_label, about.without) == (2, (1, 1), 1)
    assert (about.length.smallest, about.length.largest, about.share_of_words) == (1, 2, 0.6)
    assert CHECK.check(dataset, facts) == (dataset, facts)
    assert CHECK.described(dataset.take(dataset.indices()[:0]), facts) == {}
