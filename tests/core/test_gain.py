"""The records of the evidence."""

from __future__ import annotations

from headstart.core.gain import Gain, LabelsSaved


def test_labels_saved_are_those_needed_less_those_used() -> None:
    assert LabelsSaved(at=20, reached=0.8, needed=70, low=50, high=None).saved == 50
    assert LabelsSaved(at=20, reached=0.8, needed=None, low=900, high=None).saved is None


def test_a_gain_of_before_is_still_read() -> None:
    text = (
        '{"estimate": 0.1, "low": 0.05, "high": 0.15, "decision": "helps", "p_value": 0.01, "repeats": 5, "items": 9,'
        ' "disagreement": NaN}'
    )
    gain = Gain.model_validate_json(text)
    assert (gain.repeats_needed, gain.notes) == (None, ())
    assert Gain.model_validate_json(gain.model_dump_json()).decision == "helps"
