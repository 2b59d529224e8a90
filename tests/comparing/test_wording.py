"""A verdict in words."""

from __future__ import annotations

import pytest

from headstart.comparing.wording import notes_of, noun_of, sentence_of
from headstart.core.gain import Gain
from headstart.core.verdict import Verdict
from tests.comparing.verdicts import verdict_of


def said(decision: str, estimate: float, low: float, high: float, **changes: object) -> Verdict:
    verdict = verdict_of()
    gain = Gain(
        estimate=estimate,
        low=low,
        high=high,
        decision=decision,  # type: ignore[arg-type]
        p_value=0.1,
        repeats=5,
        items=300,
        disagreement=0.2,
        **changes,  # type: ignore[arg-type]
    )
    values = {"transfer": (0.872,), "scratch": (0.872 - estimate,)}
    arms = tuple(
        arm.model_copy(update={"values": values[arm.name]}) if arm.name in values else arm for arm in verdict.arms
    )
    return verdict.model_copy(update={"gain": gain, "decision": decision, "arms": arms})


@pytest.mark.parametrize(
    ("verdict", "sentence"),
    [
        (
            ("helps", 0.35, 0.302, 0.398),
            "Starting from a pretrained network helps: it gets 87 of 100 pictures right, training from scratch 52. On "
            "new pictures of the same kind, it is most likely between 30 and 40 more in 100.",
        ),
        (
            ("hurts", -0.1, -0.148, -0.052),
            "Starting from a pretrained network hurts: it gets 87 of 100 pictures right, training from scratch 97. On "
            "new pictures of the same kind, it is most likely between 5 and 15 fewer in 100.",
        ),
        (
            ("equivalent", 0.001, -0.004, 0.006),
            "Starting from a pretrained network makes no difference that matters: it gets 872 of 1,000 pictures right, "
            "training from scratch 871. On new pictures of the same kind, they most likely differ by no more than 6 in "
            "1,000.",
        ),
        (
            ("undetermined", 0.02, -0.08, 0.12),
            "It is not clear yet whether starting from a pretrained network helps: it gets 87 of 100 pictures right, "
            "training from scratch 85. On new pictures of the same kind, it could be anything from 8 fewer to 12 more "
            "in 100.",
        ),
        (
            ("undetermined", 0.06, 0.005, 0.12),
            "It is not clear yet whether starting from a pretrained network helps: it gets 87 of 100 pictures right, "
            "training from scratch 81. On new pictures of the same kind, it could be anything from 0 more to 12 more "
            "in 100.",
        ),
    ],
)
def test_the_sentence(verdict: tuple[str, float, float, float], sentence: str) -> None:
    assert sentence_of(said(*verdict)) == sentence


@pytest.mark.parametrize("random", [0.1, 0.6])
def test_an_answer_for_which_scratch_was_cut_short_is_one_for_that_time(random: float) -> None:
    verdict = verdict_of({"random-weights": random}, scratch_steps=100)
    assert verdict.sentence.startswith("In the time that there was, starting from a pretrained network helps: ")
    (note,) = [note for note in verdict.notes if "for this budget" in note]
    assert "100 of the 400 steps" in note
    assert "--budget 15m" in note
    assert not any("for this budget" in note for note in verdict_of().notes)


def test_random_weights_as_the_control_are_explained() -> None:
    verdict = verdict_of({"scratch": 0.2, "random-weights": 0.6})
    assert "the same network with random weights" in verdict.sentence
    assert any("random weights in place" in note for note in verdict.notes)
    close = verdict_of({"transfer": 0.62, "scratch": 0.2, "random-weights": 0.6})
    assert any("lucky draw" in note for note in close.notes)


def test_what_it_takes_to_decide() -> None:
    def takes(**needed: int) -> str:
        return notes_of(said("undetermined", 0.02, -0.08, 0.12, **needed))[0]

    assert "about 1,300 held-out pictures in all, where there were 300" in takes(items_needed=1234)
    assert "about 20 repeats, where there were 5 (--repeats 20 --budget 9m)" in takes(repeats_needed=20)
    both = takes(items_needed=1234, repeats_needed=20)
    assert "1,300 held-out pictures" in both
    assert "20 repeats" in both
    assert "too close" in takes()
    assert notes_of(said("helps", 0.35, 0.3, 0.4)) == ()


def test_leaks_are_named_with_the_answer_without_them() -> None:
    (note,) = [note for note in verdict_of(leaked=(1, 2, 3)).notes if "copy" in note]
    assert note.startswith("3 of 200 held-out pictures")
    assert note.endswith("the answer is the same.")
    verdict = verdict_of(leaked=(1, 2, 3))
    assert verdict.without_leaks is not None
    other = verdict.without_leaks.model_copy(update={"decision": "undetermined"})
    (note,) = [each for each in notes_of(verdict.model_copy(update={"without_leaks": other})) if "copy" in each]
    assert "the answer would be: undetermined" in note


def test_a_training_that_the_clock_broke_off_is_named() -> None:
    verdict = verdict_of()
    cut = verdict.arm("scratch").facts.model_copy(update={"notes": ("Training stopped early: time.",)})
    arms = tuple(arm.model_copy(update={"facts": cut}) if arm.name == "scratch" else arm for arm in verdict.arms)
    assert "The clock broke off the training of: scratch." in notes_of(verdict.model_copy(update={"arms": arms}))


def test_other_metrics_and_other_items_have_their_own_words() -> None:
    verdict = said("helps", 0.35, 0.302, 0.398).model_copy(update={"metric": "item F1", "noun": "texts"})
    assert "it scores 87 of 100 (item F1), training from scratch 52" in sentence_of(verdict)
    assert (noun_of("image-classification"), noun_of("text-classification"), noun_of("tabular")) == (
        "pictures",
        "texts",
        "items",
    )
