"""Data set and backbone -> a table of features. What is in the cache is not computed again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack

import numpy as np

from headstart.core.card import ModelInput
from headstart.core.console import progress
from headstart.core.dataset import Dataset
from headstart.core.errors import DataError, ModelError
from headstart.core.ledger import Event, Ledger
from headstart.core.modality import nouns
from headstart.core.places import without_place
from headstart.core.runtime import Precision
from headstart.features.computing import Work, compute
from headstart.features.eviction import cache_limit, make_room
from headstart.features.fast import Forward, fast_forward
from headstart.features.fingerprint import weights_fingerprint
from headstart.features.key import FeatureKey, Kind, View
from headstart.features.preparation import preparation_of
from headstart.features.segment import ENTRY, Content, content_keys
from headstart.features.store import FeatureStore, features_folder
from headstart.features.table import FeatureTable, MeanFeatures, StoredFeatures
from headstart.models.backbone import Backbone

MOST_NAMED = 20


def extract(
    dataset: Dataset,
    backbone: Backbone,
    *,
    input: ModelInput,
    device: str,
    precision: Precision,
    mirrored: bool = False,
    kind: Kind = "pooled",
    batch_size: int | None = None,
) -> FeatureTable:
    """The features of every item, in the order of the data set, whose contents must be hashed.

    Only contents that the cache lacks are decoded and computed, each once. With `mirrored`, a row is the mean of the
    picture's features and those of its mirror image. The backbone is left as it is. Raises `DataError` naming the items
    that cannot be read, after the others have been computed and kept, and `ModelError` for features that are not
    finite.
    """
    if dataset.content is None:
        raise ValueError("extract needs the content hashes of a scanned data set")
    views: tuple[View, ...] = ("plain", "mirrored") if mirrored else ("plain",)
    stores = [FeatureStore(key) for key in _keys(backbone, input=input, precision=precision, kind=kind, views=views)]
    width = stores[0].key.width
    events: list[Event] = []
    work = _work(dataset, dataset.content, stores, events)
    seconds = 0.0
    if len(work.indices):
        # All items count, not those that are left: a pass that was broken off has to go on to the same bits.
        forward = fast_forward(backbone, facts=input, device=device, precision=precision, items=len(dataset), kind=kind)
        events += [("noted", note, backbone.card.id) for note in forward.notes]
        started = time.perf_counter()
        _fill(work, dataset.content, stores, forward=forward, facts=input, batch_size=batch_size, events=events)
        seconds = time.perf_counter() - started
    ledger = Ledger.of(events)
    first, *more = (store.find(dataset.content) for store in stores)
    stored = StoredFeatures(first, width, ledger)
    table = MeanFeatures(stored, StoredFeatures(more[0], width, Ledger())) if more else stored
    table.pass_seconds = seconds / int(work.wanted.sum()) if len(work.indices) else None
    return table


def _keys(
    backbone: Backbone, *, input: ModelInput, precision: Precision, kind: Kind, views: Sequence[View]
) -> list[FeatureKey]:
    weights = weights_fingerprint(backbone)
    return [
        FeatureKey(
            model=without_place(backbone.card.id),
            revision=backbone.card.revision,
            weights=weights,
            architecture=backbone.architecture,
            input=input,
            view=view,
            decoding=preparation_of(backbone, input).version,
            precision=precision,
            kind=kind,
            width=backbone.width if kind == "pooled" else backbone.stage_width,
        )
        for view in views
    ]


def _work(dataset: Dataset, content: Content, stores: Sequence[FeatureStore], events: list[Event]) -> Work:
    """What has to be computed: one item of each content, for the views that the cache does not have or has damaged."""
    wanted = np.zeros((len(dataset), len(stores)), np.bool_)
    for column, store in enumerate(stores):
        places = store.find(content)
        damaged = store.check(places)
        wanted[places.missing(), column] = True
        wanted[damaged, column] = True
        reason = "the cached features were damaged and have been computed again"
        events += [("repaired", reason, dataset.inputs.name(int(item))) for item in damaged]
        reason = "an unreadable file of the feature cache was removed, and what it held is computed again when needed"
        events += [("noted", reason, name) for name in store.unreadable]
    lacking = np.flatnonzero(wanted.any(axis=1))
    _, first = np.unique(content_keys(content[lacking]), return_index=True)
    indices = np.sort(lacking[first]).astype(np.int64)
    return Work(dataset.inputs, indices, content[indices], tuple(store.key.view for store in stores), wanted[indices])


def _fill(
    work: Work,
    content: Content,
    stores: Sequence[FeatureStore],
    *,
    forward: Forward,
    facts: ModelInput,
    batch_size: int | None,
    events: list[Event],
) -> None:
    _make_room(work, stores, events)
    size = batch_size or preparation_of(forward.network, facts).at_once(forward.device)
    problems: list[str] = []
    infinite = 0
    with ExitStack() as stack:
        writers = [stack.enter_context(store.writer()) for store in stores]
        bar = stack.enter_context(progress(len(work.indices), "features", unit=nouns(forward.network.card.modality)))
        for batch in compute(work, forward, facts=facts, batch_size=size):
            problems += batch.problems
            for writer, (items, rows) in zip(writers, batch.rows, strict=False):
                finite = np.isfinite(rows).all(axis=1)
                infinite += int((~finite).sum())
                if finite.any():
                    writer.append(content[items[finite]], rows[finite])
            bar.advance(batch.items)
    _raise_for(problems, infinite, forward.network.card.id)


def _make_room(work: Work, stores: Sequence[FeatureStore], events: list[Event]) -> None:
    folder = features_folder()
    limit = cache_limit(folder)
    need = sum(
        int(column.sum()) * (store.key.width * 4 + ENTRY.itemsize)
        for column, store in zip(work.wanted.T, stores, strict=True)
    )
    used = set().union(*(store.paths() for store in stores))
    beyond = make_room(folder, need, limit=limit, keep=used)
    if beyond:
        reason = f"the feature cache exceeds its limit of {limit / 1e9:.3g} GB by {beyond / 1e9:.3g} GB for this run"
        events.append(("noted", reason, str(folder)))


def _raise_for(problems: Sequence[str], infinite: int, model: str) -> None:
    if problems:
        more = [f"... and {len(problems) - MOST_NAMED} more."] if len(problems) > MOST_NAMED else []
        raise DataError(
            [*problems[:MOST_NAMED], *more],
            hint="These files have changed since the data were scanned. Run again once they are complete.",
        )
    if infinite:
        raise ModelError(
            f"The features of {infinite} items by {model} are not finite.",
            hint="The weights are damaged or overflow in this precision: try --precision float32.",
        )
