"""A verdict as plain text: the sentence, the arms, what transfer saves, and what the answer rests on."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from headstart.cli.evaluation_text import plain_table, printable, table_text, wrapped

if TYPE_CHECKING:
    from headstart.core.gain import Gain
    from headstart.core.verdict import ArmResult, Verdict

DECIDED = {
    "helps": "better",
    "hurts": "worse",
    "equivalent": "no difference that matters",
    "undetermined": "not decided",
}


def verdict_text(verdict: Verdict, *, width: int | None = None) -> str:
    """Text at most `width` columns wide, by default that of the terminal (80 where there is none)."""
    columns = width or min(max(shutil.get_terminal_size((80, 24)).columns, 60), 120)
    blocks = [
        "\n".join(wrapped(verdict.sentence, columns)),
        _arms(verdict, columns),
        _list("What that saves:", _savings(verdict), columns),
        _list("Other comparisons:", _comparisons(verdict), columns),
        _list("What it rests on:", [_basis(verdict), *verdict.notes], columns),
    ]
    return "\n\n".join(block for block in blocks if block)


def _arms(verdict: Verdict, width: int) -> str:
    title = "of 100" if verdict.metric == "accuracy" else f"{verdict.metric}, %"
    header = ["arm", title, "95 % interval", "seconds", "steps", "learnt numbers"]
    rows = [
        [
            printable(arm.name),
            f"{100 * arm.mean:.1f}",
            f"{100 * arm.low:.1f}-{100 * arm.high:.1f}",
            f"{sum(arm.seconds) / len(arm.seconds):.1f}",
            "-" if arm.facts.steps is None else f"{arm.facts.steps:,}",
            f"{arm.facts.trained_parameters:,}",
        ]
        for arm in verdict.arms
    ]
    meanings = [f"{arm.name}: {_meaning(arm)}" for arm in verdict.arms]
    lines = [line for meaning in meanings for line in wrapped(printable(meaning), width, first="  ")]
    return "\n".join([table_text(plain_table(header, rows), width), *lines])


def _meaning(arm: ArmResult) -> str:
    return f"{arm.title}: {arm.facts.method}" if "(auto)" in arm.title else arm.title


def _savings(verdict: Verdict) -> list[str]:
    found = []
    if verdict.seconds_saved is not None and verdict.seconds_saved > 0:
        slow = verdict.arm(verdict.control).seconds[0]
        found.append(
            f"Time: a pretrained network is as good as {verdict.control} ever got after "
            f"{slow - verdict.seconds_saved:.1f} s, in place of {slow:.1f} s."
        )
    saved = verdict.labels_saved
    if saved is not None and saved.needed is not None:
        most = "" if saved.high is None else f", at most {saved.high:,}"
        found.append(
            f"Labels: for what transfer reaches with {saved.at:,} labels, {verdict.control} would need about "
            f"{saved.needed:,} (at least {saved.low:,}{most})."
        )
    elif saved is not None:
        found.append(
            f"Labels: what transfer reaches with {saved.at:,} labels would take {verdict.control} more than "
            f"{saved.low:,}; how many more, these data cannot say."
        )
    if verdict.doubled is not None:
        twice = verdict.doubled
        found.append(
            f"Twice the labels ({2 * verdict.labels:,}) would most likely add {100 * twice.estimate:.1f} points to "
            f"transfer ({100 * twice.low:.1f} to {100 * twice.high:.1f})."
        )
    return found


def _comparisons(verdict: Verdict) -> list[str]:
    return [
        f"{each.of} against {each.over}: {points(each.gain)}, {DECIDED[each.gain.decision]}."
        for each in verdict.comparisons
    ]


def points(gain: Gain) -> str:
    """A gain in points of 100, with its interval."""
    return f"{100 * gain.estimate:+.1f} points ({100 * gain.low:+.1f} to {100 * gain.high:+.1f})"


def _basis(verdict: Verdict) -> str:
    gain, allowed = verdict.gain, verdict.arms[0].budget
    return (
        f"{verdict.transfer} against {verdict.control}: {points(gain)}, at a margin of {100 * verdict.margin:g}; "
        f"{verdict.repeats} repeats, {verdict.labels:,} labels, {verdict.items:,} held-out {verdict.noun}. Each arm "
        f"could take {allowed:.0f} s a repeat; all of it took {verdict.seconds:.0f} s of {verdict.budget:.0f} s."
    )


def _list(title: str, sentences: list[str], width: int) -> str:
    if not sentences:
        return ""
    return "\n".join([title, *(line for each in sentences for line in wrapped(printable(each), width, first="- "))])
