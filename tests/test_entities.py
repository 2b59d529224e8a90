"""Named entities from beginning to end: every strategy, saved, loaded in another process, the same answers."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import headstart as hs
from headstart.answering import StructuredAnswers
from headstart.cli import main
from headstart.core.errors import OptionError
from tests.encoders import tagged_sentences, write_conll, write_encoder

TEXTS = ["the plot was good", "so, very good film!", "the plot was good " * 9, "x", "\u200b"]
SETTINGS = hs.StrategyOptions(epochs=3, batch_size=8, learning_rate=0.03)
LEARNT = hs.StrategyOptions(epochs=12, batch_size=8, learning_rate=0.03, backbone_learning_rate=0.003)
LOGITS = """
import json, sys
import numpy as np
import headstart as hs
from headstart.answering import StructuredAnswers
from headstart.cli import main
texts = json.loads(sys.argv[1])
for folder in sys.argv[2:]:
    answers = StructuredAnswers(hs.load(folder).trained, device="cpu")
    for number, answer in enumerate(answers(answers.preparation.prepare(texts))):
        np.save(f"{folder}/{number}.npy", answer.scores)
"""
STRATEGIES = ("linear-probe", "lp-ft", "lora", "full", "scratch")


def world(folder: Path, *, longest: int = 8) -> Path:
    texts = tagged_sentences(60, longest=longest)
    write_conll(folder / "data" / "train.conll", texts[:40])
    write_conll(folder / "data" / "dev.conll", texts[40:50])
    write_conll(folder / "data" / "test.conll", texts[50:])
    write_encoder(folder / "encoder", seed=1, layers=1, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    return folder / "data"


def fitted(folder: Path, strategy: str, **changes: object) -> hs.Run:
    given = {"model": str(folder / "encoder"), "strategy": strategy, "settings": SETTINGS, **changes}
    data = folder / "data" if (folder / "data").exists() else world(folder)
    return hs.fit(data, output=folder / strategy, options=hs.FitOptions.model_validate(given))


def test_saved_runs_give_the_same_logits_in_another_process(tmp_path: Path) -> None:
    world(tmp_path, longest=20)
    runs = [fitted(tmp_path, strategy) for strategy in STRATEGIES]
    (tmp_path / "encoder").rename(tmp_path / "gone")
    folders = [str(run.folder) for run in runs]
    texts = TEXTS[:-1]
    subprocess.run([sys.executable, "-c", LOGITS, json.dumps(texts), *folders], check=True)
    for run in runs:
        answers = StructuredAnswers(run.trained, device="cpu")
        for number, answer in enumerate(answers(answers.preparation.prepare(texts))):
            np.testing.assert_array_equal(answer.scores, np.load(run.folder / f"{number}.npy"))
        assert run.record.notes[-1].endswith("read in windows that overlap; every word has a tag.")
        measured = run.evaluate(tmp_path / "data", part="test").metrics
        assert measured["entity_f1"] == pytest.approx(run.metrics["entity_f1"])


def test_entities_of_texts_are_found_and_every_word_of_a_long_one_is_read(tmp_path: Path) -> None:
    run = fitted(tmp_path, "full", settings=LEARNT)
    assert run.metrics["entity_f1"] > 0.8
    short, _, long, _, nothing = run.predict(TEXTS)
    first, second = short.findings
    assert (first["entity_group"], first["word"], first["start"], first["end"]) == ("THING", "the plot", 0, 8)
    assert (second["entity_group"], second["word"]) == ("MOOD", "good")
    assert 0 < float(first["score"]) <= 1
    for one in long.findings:
        assert TEXTS[2][int(one["start"]) : int(one["end"])] == one["word"]
    assert {int(one["start"]) // 54 for one in long.findings} == {0, 1, 2}  # in every third of four windows
    assert nothing.problem == ""
    assert nothing.findings == ()
    sure = max(float(one["score"]) for one in short.findings) - 1e-6  # alone, a text rounds otherwise than among others
    assert len(run.predict([TEXTS[0]], threshold=sure)[0].findings) == 1
    with pytest.raises(OptionError, match="--top is for labels"):
        run.predict(TEXTS, top=3)
    with pytest.raises(OptionError, match=r"threshold of 1\.5 is not allowed"):
        run.predict(TEXTS, threshold=1.5)
    single, pair = run.predict(["the plot", ("the plot", "was good")])
    assert single.problem == ""
    assert (pair.findings, pair.problem) == ((), "a pair of texts, where one text is due")


def test_auto_trains_the_head_first(tmp_path: Path) -> None:
    run = fitted(tmp_path, "auto", settings=hs.StrategyOptions())
    assert run.record.plan.strategy.method == "lp-ft"
    assert run.record.plan.goal.metric == "entity_f1"
    assert run.record.test is not None
    assert {row.label for row in run.record.test.per_class} == {"THING", "MOOD"}
    assert "entity_f1" in run.record.test.intervals


def test_what_is_for_other_tasks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="--long-texts"):
        fitted(tmp_path, "full", long_texts="cut")
    with pytest.raises(OptionError, match="solver"):
        fitted(tmp_path, "full", settings=hs.StrategyOptions(solver="ridge"))


def test_a_verdict_and_a_ranking_on_entities(tmp_path: Path) -> None:
    data, encoder = world(tmp_path), str(tmp_path / "encoder")
    asked = hs.VerdictOptions(model=encoder, strategy="linear-probe", budget=3, repeats=2, curve=False)
    found = hs.verdict(data, output=tmp_path / "verdict", options=asked)
    assert found.decision in ("helps", "hurts", "equivalent", "undetermined")
    assert "texts" in found.sentence
    write_encoder(tmp_path / "other", seed=2, layers=1)
    ranked = hs.rank(data, options=hs.RankOptions(models=(encoder, str(tmp_path / "other")), budget=20))
    assert {row.id for row in ranked.rows} == {encoder, str(tmp_path / "other")}


def test_any_unicode_is_found_where_it_is(tmp_path: Path) -> None:
    run = fitted(tmp_path, "linear-probe")
    texts = [
        "the plot was good \U0001f468\u200d\U0001f469\u200d\U0001f467",
        "e\u0301te\u0301 the plot",
        "\u05d8\u05d5\u05d1 the plot",
        "\u5317\u4eac good",
    ]
    for text, one in zip(texts, run.predict(texts, threshold=0.0), strict=True):
        assert one.problem == ""
        for found in one.findings:
            assert text[int(found["start"]) : int(found["end"])] == found["word"]


def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = world(tmp_path)

    def said(*words: str) -> str:
        capsys.readouterr()
        assert main(words) == 0
        return capsys.readouterr().out

    inspected = said("inspect", str(data))
    assert "token classification" in " ".join(inspected.split())  # a long path may break the line
    assert "words an entity" in inspected
    settings = ["--epochs=12", "--learning-rate=0.03", "--backbone-learning-rate=0.003", "--batch-size=8"]
    model = ["--model", str(tmp_path / "encoder"), "--strategy", "full", *settings]
    run = json.loads(said("fit", str(data), "-o", str(tmp_path / "run"), *model, "--json"))
    assert run["entity_f1"] > 0.5
    answer = json.loads(said("predict", str(tmp_path / "run"), "the plot was good", "--json"))
    assert answer["item"] == "the plot was good"
    assert set(answer["entities"][0]) == {"entity_group", "score", "word", "start", "end"}
    said("predict", str(tmp_path / "run"), str(data / "test.conll"), "-o", str(tmp_path / "p.csv"))
    rows = list(csv.DictReader((tmp_path / "p.csv").open()))
    assert {"item", "entity_group", "score", "word", "start", "end", "problem"} == set(rows[0])
    assert rows[0]["item"] == "line 1"
    assert "entity F1" in said("evaluate", str(tmp_path / "run"), str(data))
