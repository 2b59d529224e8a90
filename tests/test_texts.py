"""Texts from beginning to end: every strategy, saved, loaded in another process, the same answers to the last bit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import headstart as hs
from headstart.core.errors import DataError, ModelError, OptionError
from headstart.core.ledger import Ledger
from tests.encoders import sentences, write_encoder, write_table

ANSWER = """
import json, sys
import headstart as hs
texts = json.loads(sys.argv[1])
for folder in sys.argv[2:]:
    print(json.dumps([[answer.label, repr(answer.probability)] for answer in hs.load(folder).predict(texts)]))
"""
TEXTS = ["the film was good", "bad plot " * 12, "so"]
STRATEGIES = ("linear-probe", "lp-ft", "contrastive", "lora", "full", "gradual", "l2-sp", "norm-only", "scratch")
EPOCHS = hs.StrategyOptions(epochs=2, batch_size=8)


def world(folder: Path, *, longest: int = 8) -> Path:
    texts, labels = sentences(48, longest=longest)
    write_table(folder / "data" / "train.csv", texts[:36], labels[:36])
    write_table(folder / "data" / "test.csv", texts[36:], labels[36:])
    write_encoder(folder / "encoder")
    return folder / "data"


def options(folder: Path, strategy: str, **changes: object) -> hs.FitOptions:
    settings = {"settings": EPOCHS} if strategy not in ("linear-probe", "auto") else {}
    given = {"model": str(folder / "encoder"), "strategy": strategy, **settings, **changes}
    return hs.FitOptions.model_validate(given)


def answers_of(run: hs.Run) -> list[list[str]]:
    return [[answer.label, repr(answer.probability)] for answer in run.predict(TEXTS)]


def in_another_process(*runs: hs.Run) -> list[list[list[str]]]:
    command = [sys.executable, "-c", ANSWER, json.dumps(TEXTS), *(str(run.folder) for run in runs)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in ended.stdout.splitlines()[-len(runs) :]]


def test_saved_runs_answer_the_same_in_another_process(tmp_path: Path) -> None:
    data = world(tmp_path, longest=30)
    runs = [hs.fit(data, output=tmp_path / each, options=options(tmp_path, each)) for each in STRATEGIES]
    ours = [answers_of(run) for run in runs]
    (tmp_path / "encoder").rename(tmp_path / "gone")
    assert in_another_process(*runs) == ours
    for run in runs:
        assert (run.folder / "tokenizer.json").is_file()
        assert run.evaluate(data).metrics["accuracy"] == pytest.approx(run.metrics["accuracy"])


def test_the_probe_tells_texts_by_their_words(tmp_path: Path) -> None:
    run = hs.fit(world(tmp_path), output=tmp_path / "run", options=options(tmp_path, "linear-probe"))
    assert run.metrics["accuracy"] >= 0.75
    assert run.record.plan.task == "text-classification"
    assert [answer.item for answer in run.predict(["good film", "bad film"])] == ["good film", "bad film"]


def test_rows_that_cannot_be_read_leave_the_others_as_they_are(tmp_path: Path) -> None:
    run = hs.fit(world(tmp_path), output=tmp_path / "run", options=options(tmp_path, "linear-probe"))
    (tmp_path / "a.csv").write_text("review,note\n,1\ngood film,2\n")
    (tmp_path / "b.csv").write_text("review,note\nbad plot,1\ngood film,2\n")
    said = run.predict([tmp_path / "a.csv", tmp_path / "b.csv"], reading=hs.ReadOptions(text="review"))
    assert [one.item for one in said] == ["a.csv/row 1", "a.csv/row 2", "b.csv/row 1", "b.csv/row 2"]
    assert [bool(one.problem) for one in said] == [True, False, False, False]
    alone = run.predict(["good film", "bad plot", "good film"])
    assert [one.label for one in said[1:]] == [one.label for one in alone]


def test_long_texts_are_in_the_ledger_and_in_the_notes(tmp_path: Path) -> None:
    data = world(tmp_path, longest=40)
    for long_texts, action in (("windows", "noted"), ("cut", "truncated")):
        folder = tmp_path / long_texts
        run = hs.fit(data, output=folder, options=options(tmp_path, "linear-probe", long_texts=long_texts))
        (line,) = Ledger.read(folder / "ledger.json").lines
        assert (line.action, line.reason.partition(":")[0]) == (action, "longer than 16 tokens")
        (note,) = run.record.notes
        assert note.startswith(f"{len(line.items) / 48:.1%} of the texts: longer than 16 tokens")


def test_a_run_on_texts_is_a_model_to_start_from(tmp_path: Path) -> None:
    data = world(tmp_path)
    first = hs.fit(data, output=tmp_path / "first", options=options(tmp_path, "full"))
    again = hs.fit(data, output=tmp_path / "again", options=options(tmp_path, "linear-probe", model=str(first.folder)))
    assert again.record.plan.model == str(first.folder)
    assert len(again.predict(["good"])) == 1


def test_pairs_and_several_labels(tmp_path: Path) -> None:
    world(tmp_path)
    texts, labels = sentences(40)
    rows = "".join(
        f"{text},{text[::-1][:9]},{label}{'|short' if len(text) < 22 else ''}\n"
        for text, label in zip(texts, labels, strict=True)
    )
    (tmp_path / "pairs.csv").write_text("text,text_pair,label\n" + rows)
    run = hs.fit(tmp_path / "pairs.csv", output=tmp_path / "run", options=options(tmp_path, "linear-probe"))
    assert set(run.record.labels) == {"good", "bad", "short"}
    (answer,) = run.predict([("good film", "x")])
    assert answer.item == "good film | x"
    single, pair = run.predict(["good film", ("good film", "x")])
    assert "trained on pairs" in single.problem
    assert not pair.problem
    with pytest.raises(DataError, match=r"The data have single texts, the model has pairs of texts\."):
        run.evaluate(tmp_path / "data")


def test_a_model_of_single_texts_refuses_pairs(tmp_path: Path) -> None:
    """It would take them as one text in silence."""
    run = hs.fit(world(tmp_path), output=tmp_path / "run", options=options(tmp_path, "linear-probe"))
    pair, single = run.predict([("good film", "x"), "good film"])
    assert "trained on single ones" in pair.problem
    assert single.label
    (tmp_path / "pairs.csv").write_text("text,text_pair,label\na good film,so,good\na bad film,no,bad\n")
    with pytest.raises(DataError, match=r"The data have pairs of texts, the model has single texts\."):
        run.evaluate(tmp_path / "pairs.csv")


def test_what_does_not_go_with_texts_is_refused(tmp_path: Path) -> None:
    data = world(tmp_path)
    several = tmp_path / "several.csv"
    several.write_text("text,label\n" + "".join(f"a good film {n},good|new\na bad film {n},bad\n" for n in range(10)))
    with pytest.raises(OptionError, match="any number of labels"):
        hs.fit(several, output=tmp_path / "run", options=options(tmp_path, "contrastive"))
    with pytest.raises(OptionError, match="--image-size is for pictures"):
        hs.fit(data, output=tmp_path / "run", options=options(tmp_path, "full", image_size=64))
    with pytest.raises(ModelError, match="reads pictures, and the data are texts"):
        hs.fit(data, output=tmp_path / "run", options=hs.FitOptions(model="starter/tiny-resnet"))


def test_training_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    data = world(tmp_path)
    whole = hs.fit(data, output=tmp_path / "whole", options=options(tmp_path, "lp-ft", seed=3))
    again = hs.fit(data, output=tmp_path / "again", options=options(tmp_path, "lp-ft", seed=3))
    answers = [np.array([answer.probability for answer in run.predict(["good film", "bad"])]) for run in (whole, again)]
    assert np.array_equal(*answers)


def test_a_contrast_that_was_stopped_is_gone_on_with_to_the_same_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from headstart.train import saving

    class Dying(saving.Saver):
        def save(self) -> None:
            super().save()
            raise KeyboardInterrupt

    monkeypatch.setattr(saving, "SHARE", float("inf"))
    data, asked = world(tmp_path), options(tmp_path, "contrastive", seed=3)
    whole = hs.fit(data, output=tmp_path / "whole", options=asked)
    with monkeypatch.context() as patch:
        patch.setattr("headstart.train.loop.Saver", Dying)
        with pytest.raises(KeyboardInterrupt):
            hs.fit(data, output=tmp_path / "run", options=asked)
    again = hs.fit(data, output=tmp_path / "run", options=asked, resume=True)
    weights = [(run.folder / "weights.safetensors").read_bytes() for run in (whole, again)]
    assert weights[0] == weights[1]


def test_auto_tries_words_and_networks_and_keeps_what_is_best(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With all folds, the second training and the search that such a budget is used for, each of few steps."""
    from headstart import combining

    monkeypatch.setattr("headstart.methods.suited.epochs_for", lambda *_, **__: 2)
    monkeypatch.setattr(combining, "training_seconds", lambda *_, **__: 0.001)
    monkeypatch.setattr(
        "headstart.views.weighing.blend_weights", lambda answers, *_, **__: (1 / len(answers),) * len(answers)
    )
    run = hs.fit(world(tmp_path, longest=20), output=tmp_path / "run", options=options(tmp_path, "auto", budget=60.0))
    names = [view.name for view in run.record.views]
    assert names[:3] == ["probe", "stages", "words"]
    assert set(names[3:]) == {"tuned", "refit", "refit-stages", "together"}
    assert {"search", "setting"} <= {reason.choice for reason in run.record.plan.reasons}
    assert run.record.plan.mirrored is False
    assert {"words.json", "tokenizer.json"} <= {path.name for path in run.folder.iterdir()}
    assert in_another_process(run) == [answers_of(run)]


def test_words_alone_are_a_model_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from headstart import combining

    monkeypatch.setattr(combining, "training_seconds", lambda *_, **__: 1e9)
    monkeypatch.setattr("headstart.views.weighing.blend_weights", lambda answers, *_, **__: (0.0, 0.0, 1.0))
    run = hs.fit(world(tmp_path), output=tmp_path / "run", options=options(tmp_path, "auto"))
    assert [view.name for view in run.trained.record.views] == ["words"]
    assert run.metrics["accuracy"] >= 0.9
    assert [answer.label for answer in hs.load(run.folder).predict(["a great film", "a poor film"])] == ["good", "bad"]


@pytest.mark.usefixtures("brief")
def test_encoders_are_ranked_as_networks_of_pictures_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headstart.methods.suited.epochs_for", lambda *_, **__: 2)
    data = world(tmp_path)
    write_encoder(tmp_path / "other", seed=1)
    names = (str(tmp_path / "encoder"), str(tmp_path / "other"), "starter/tiny-resnet")
    found = hs.rank(data, options=hs.RankOptions(models=names, budget=600))
    assert set(found.order) == set(names[:2])
    assert [(each.id, each.why) for each in found.skipped] == [(names[2], "it is for image, not for text")]
    assert all(row.trials and row.milliseconds > 0 for row in found.rows)


def test_a_verdict_on_texts(tmp_path: Path) -> None:
    asked = hs.VerdictOptions(
        model=str(tmp_path / "encoder"), strategy="linear-probe", budget=4, repeats=2, curve=False
    )
    found = hs.verdict(world(tmp_path), output=tmp_path / "verdict", options=asked)
    assert found.decision in ("helps", "hurts", "equivalent", "undetermined")
    assert "texts" in found.sentence
