"""A network that fell to guessing in its last training is not what a run keeps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch

from headstart.views.assembly import assemble
from headstart.views.collapse import collapsed
from headstart.views.evidence import Evidence, gather, probe, tuned_table
from headstart.views.study import Study
from tests.views.studies import study


def sure(found: Study, evidence: Evidence) -> npt.NDArray[np.float32]:
    """Answers that are all right."""
    targets = found.known.targets[evidence.items]
    answers = np.full((len(targets), found.labels), 0.01, np.float32)
    answers[np.arange(len(targets)), targets] = 0.98
    return answers


@pytest.mark.parametrize("astray", [True, False])
def test_a_last_training_that_went_astray_is_not_kept(tmp_path: Path, astray: bool) -> None:
    found = study(tmp_path, candidates=("probe", "tuned", "refit"), evidence=2)
    probes = probe(found)
    evidence = gather(found, probes)
    answers = sure(found, evidence)
    evidence.answers["tuned"] = answers if astray else 1 - answers
    networks, heads, _ = assemble(found, probes, evidence, {"tuned": 0.5, "refit": 0.5})
    assert evidence.first is not None
    kept, first = heads[0].state_dict(), evidence.first.head.state_dict()
    assert all(torch.equal(value, first[name]) for name, value in kept.items()) == astray
    assert (networks[0] is evidence.first.backbone) == astray
    assert any("went astray" in note and "without the first fold" in note for note in found.notes) == astray


@pytest.mark.parametrize("multi_label", [False, True])
def test_it_is_told_by_items_that_other_networks_had_not_seen(tmp_path: Path, multi_label: bool) -> None:
    found = study(tmp_path, candidates=("probe", "tuned"), evidence=2)
    probes = probe(found)
    evidence = gather(found, probes)
    model = found.fine_tuned(np.arange(len(found.known), dtype=np.int64), name="all")
    table = tuned_table(found, model, mirrored=False)
    answers = sure(found, evidence)
    if multi_label:
        found.known = replace(found.known, targets=np.eye(found.labels, dtype=np.int8)[found.known.targets])
    assert not collapsed(found, evidence, model, table)
    assert collapsed(found, replace(evidence, answers={"tuned": answers}), model, table)
    assert not collapsed(found, replace(evidence, answers={"tuned": 1 - answers}), model, table)
    assert not collapsed(found, replace(evidence, answers={}), model, table)
