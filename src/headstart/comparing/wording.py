"""A verdict in words that take no knowledge of statistics."""

from __future__ import annotations

from headstart.core.gain import Gain
from headstart.core.verdict import ArmResult, Verdict

NOUNS = {"image": "pictures", "text": "texts", "token": "texts"}
WORDS = "bag-of-words"
FINE = 0.05
"""Below so large a difference, things are counted out of a thousand and not out of a hundred."""
CONTROLS = {"scratch": "training from scratch", "random-weights": "the same network with random weights"}


def noun_of(task: str) -> str:
    """What the items of a task are called."""
    return NOUNS.get(task.partition("-")[0], "items")


def sentence_of(verdict: Verdict) -> str:
    """The answer, with what both arms reached and the range that the difference lies in."""
    start = {
        "helps": "Starting from a pretrained network helps",
        "hurts": "Starting from a pretrained network hurts",
        "equivalent": "Starting from a pretrained network makes no difference that matters",
        "undetermined": "It is not clear yet whether starting from a pretrained network helps",
    }[verdict.decision]
    if cut_short(verdict.arm("scratch")):
        start = f"In the time that there was, {start[0].lower()}{start[1:]}"
    return " ".join(filter(None, [f"{start}: {_reached(verdict)} {_range(verdict)}", _beaten_by_words(verdict)]))


def notes_of(verdict: Verdict) -> tuple[str, ...]:
    """What a reader of the sentence has to know besides, each a sentence or two."""
    transfer, control = verdict.arm(verdict.transfer), verdict.arm(verdict.control)
    notes = [
        _what_it_takes(verdict),
        _schedule(verdict, verdict.arm("scratch")),
        _other_controls(verdict),
        _close_to_words(verdict),
        _leaks(verdict),
        _stopped(transfer, control),
        *verdict.gain.notes,
    ]
    return tuple(note for note in notes if note)


def _out_of(verdict: Verdict) -> int:
    gain = verdict.gain
    return 1000 if max(abs(gain.low), abs(gain.high)) < 2 * FINE and abs(gain.estimate) < FINE else 100


def _reached(verdict: Verdict) -> str:
    of = _out_of(verdict)
    ours, theirs = (_count(verdict.arm(name).mean, of) for name in (verdict.transfer, verdict.control))
    other = CONTROLS.get(verdict.control, verdict.control)
    if verdict.metric != "accuracy":
        return f"it scores {ours} of {of:,} ({verdict.metric}), {other} {theirs}."
    return f"it gets {ours} of {of:,} {verdict.noun} right, {other} {theirs}."


def _range(verdict: Verdict) -> str:
    gain, of = verdict.gain, _out_of(verdict)
    low, high = _count(gain.low, of), _count(gain.high, of)
    new = f"On new {verdict.noun} of the same kind"
    if gain.decision == "helps":
        return f"{new}, it is most likely between {low} and {high} more in {of:,}."
    if gain.decision == "hurts":
        return f"{new}, it is most likely between {-high} and {-low} fewer in {of:,}."
    if gain.decision == "equivalent":
        return f"{new}, they most likely differ by no more than {max(abs(low), abs(high))} in {of:,}."
    fewer, more = (
        (f"{abs(low)} fewer" if low < 0 else f"{low} more"),
        (f"{high} more" if high >= 0 else f"{-high} fewer"),
    )
    return f"{new}, it could be anything from {fewer} to {more} in {of:,}."


def _count(value: float, of: int) -> int:
    return round(of * value)


def _what_it_takes(verdict: Verdict) -> str:
    """How an undetermined verdict could be decided."""
    gain = verdict.gain
    if verdict.decision != "undetermined":
        return ""
    items = (
        ""
        if gain.items_needed is None
        else (f"about {_rounded(gain.items_needed):,} held-out {verdict.noun} in all, where there were {gain.items:,}")
    )
    repeats = (
        ""
        if gain.repeats_needed is None
        else (
            f"about {gain.repeats_needed} repeats, where there were {gain.repeats} (--repeats {gain.repeats_needed}"
            f" --budget {_minutes(verdict.seconds * gain.repeats_needed / gain.repeats)}m)"
        )
    )
    if not items and not repeats and verdict.control == "random-weights":
        return (
            "One draw of random weights does better than another, and by this much the pretrained ones could be a "
            "lucky draw: more repeats may settle it (--repeats)."
        )
    if not items and not repeats:
        return "More of the same would probably not settle it: the difference is too close to the margin."
    return f"To settle it would probably take {' and '.join(filter(None, [items, repeats]))}."


def cut_short(arm: ArmResult) -> bool:
    """Whether an arm had time for fewer steps than it would take by itself."""
    return arm.facts.steps is not None and arm.facts.own_steps is not None and arm.facts.steps < arm.facts.own_steps


def _schedule(verdict: Verdict, scratch: ArmResult) -> str:
    """What is said where training from scratch could not be carried out as it asks for."""
    if not cut_short(scratch):
        return ""
    steps, own = scratch.facts.steps or 1, scratch.facts.own_steps or 1
    trained = sum(scratch.seconds) / len(scratch.seconds)
    return (
        f"The answer is for this budget: training from scratch had time for {steps:,} of the {own:,} steps that it "
        f"would take by itself ({trained:.0f} s a repeat). Given longer, it may do better: "
        f"--budget {_minutes(verdict.own_budget)}m would have room for all of them."
    )


def _other_controls(verdict: Verdict) -> str:
    """A word on the arm from nothing that was better than training from scratch."""
    if verdict.control != "random-weights":
        return ""
    scratch = verdict.arm("scratch").mean
    return (
        "All that transfer does was also done on random weights in place of the pretrained ones, and came closer than "
        f"training from scratch, which gets {_count(scratch, 100)} of 100: so this is what transfer has to beat."
    )


def _leaks(verdict: Verdict) -> str:
    clean = verdict.without_leaks
    if clean is None:
        return ""
    gone = verdict.gain.items - clean.items
    text = (
        f"{gone:,} of {verdict.gain.items:,} held-out {verdict.noun} have a copy among those that were learnt from; "
        f"without them, the gain is {_points(clean)}"
    )
    if clean.decision == verdict.decision:
        return f"{text}, and the answer is the same."
    return f"{text}, and the answer would be: {clean.decision}. Remove the copies before you rely on it."


def _beaten_by_words(verdict: Verdict) -> str:
    """Said in the same breath as the answer: nobody needs a network that counting words beats."""
    found = _over_words(verdict)
    if found is None or found.decision != "hurts":
        return ""
    return (
        f"But a bag of words, which needs no network, beats the pretrained one: it gets {_words_reached(verdict)}, "
        f"{-100 * found.estimate:.1f} points more ({-100 * found.high:.1f} to {-100 * found.low:.1f})."
    )


def _close_to_words(verdict: Verdict) -> str:
    """A word on a bag of words that did better by chance or not at all."""
    found = _over_words(verdict)
    if found is None or found.decision in ("helps", "hurts"):
        return ""
    if found.estimate < 0:
        return (
            f"A bag of words, which needs no network, gets {_words_reached(verdict)}, more than the pretrained one; "
            f"whether that is an accident is not sure (the pretrained one: {_points(found)})."
        )
    return (
        f"A bag of words, which needs no network, gets {_words_reached(verdict)}: that the pretrained one is better by "
        f"more than the margin is not sure ({_points(found)})."
    )


def _over_words(verdict: Verdict) -> Gain | None:
    pair = (verdict.transfer, WORDS)
    return next((each.gain for each in verdict.comparisons if (each.of, each.over) == pair), None)


def _words_reached(verdict: Verdict) -> str:
    of = _out_of(verdict)
    return f"{_count(verdict.arm(WORDS).mean, of)} of {of:,}"


def _stopped(*arms: ArmResult) -> str:
    cut = [arm.name for arm in arms if "Training stopped early: time." in arm.facts.notes]
    return f"The clock broke off the training of: {', '.join(cut)}." if cut else ""


def _points(gain: Gain) -> str:
    return f"{100 * gain.estimate:+.1f} points ({100 * gain.low:+.1f} to {100 * gain.high:+.1f})"


def _rounded(count: int) -> int:
    """Two digits: more would pretend to know."""
    size = max(10 ** (len(str(count)) - 2), 1)
    return int(-(-count // size) * size)


def _minutes(seconds: float) -> int:
    return max(-(-int(seconds) // 60), 1)
