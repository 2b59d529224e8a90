"""A network and data whose targets are more than labels -> rows for scores and probes: words, boxes, pixels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from headstart.core.card import ModelInput
from headstart.core.dataset import Dataset
from headstart.core.rows import Rows
from headstart.core.runtime import Precision
from headstart.features.preparation import preparation_of
from headstart.models.backbone import Features
from headstart.tasks.structured import StructuredTask
from headstart.tasks.task import Model, features_for, in_float32


@torch.inference_mode()
def structured_rows(
    task: StructuredTask, model: Model, dataset: Dataset, *, facts: ModelInput, device: str, precision: Precision
) -> Rows:
    """Rows of every item, in the order of the items; `groups` are the items' places. The network is not changed."""
    preparation = preparation_of(model.backbone, facts, task=dataset.task)
    model.to(device).eval()
    labels, at_once = len(dataset.labels), preparation.at_once(device)
    found: list[Rows] = []
    for start in range(0, len(dataset), at_once):
        places = np.arange(start, min(start + at_once, len(dataset)), dtype=np.int64)
        items = preparation.prepare([dataset.inputs.read(int(place)) for place in places])
        for batch in preparation.batches(items, device=device):
            chosen = [items[place] for place in batch]
            inputs = preparation.collate(chosen, device=device)
            with torch.autocast(device.partition(":")[0], torch.bfloat16, enabled=precision == "bfloat16"):
                features = features_for(model.head, model.backbone, inputs)
            rows = task.probe(in_float32_features(features), chosen, dataset.targets[places[batch]], labels=labels)
            assert rows.groups is not None
            found.append(Rows(x=rows.x, y=rows.y, groups=places[batch][rows.groups]))
    return _in_order(found)


def in_float32_features(features: Features) -> Features:
    """Features as scores take them."""
    return replace(features, maps=in_float32(features.maps), tokens=in_float32(features.tokens))


def _in_order(found: list[Rows]) -> Rows:
    """All rows by the place of their item; those of one item stay in their order."""
    owners = np.concatenate([rows.groups for rows in found if rows.groups is not None])
    order = np.argsort(owners, kind="stable")
    x, y = (np.concatenate(parts) for parts in ([rows.x for rows in found], [rows.y for rows in found]))
    return Rows(x=x[order], y=y[order], groups=owners[order])
