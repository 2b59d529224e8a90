"""A stratified part of a data set for what need not look at everything: the same items every time."""

from __future__ import annotations

import numpy as np

from headstart.core.dataset import Dataset, Indices
from headstart.data.folds import cross_validation_folds

LEAST_OF_A_CLASS = 20
"""Items of a class below which it is not thinned: with fewer, scores of class means say little."""


def stratified(dataset: Dataset, limit: int) -> Indices:
    """Sorted places of about `limit` items, classes in proportion, groups and equal contents kept together.

    A class of few items keeps twenty of them where it has as many. All items where they are no more than the limit.
    """
    dataset = dataset.simplified() if len(dataset) > limit else dataset
    assert dataset.content is not None
    count = len(dataset)
    if count <= limit:
        return np.arange(count, dtype=np.int64)
    parts = -(-count // limit)
    folds = cross_validation_folds(dataset.targets, content=dataset.content, groups=dataset.groups, folds=parts)
    chosen = folds == 0
    order = np.lexsort((*dataset.content.T[::-1], folds))  # whatever order the items come in
    if not dataset.multi_label and dataset.groups is None:
        for label in np.unique(dataset.targets):
            of = order[dataset.targets[order] == label]
            lacking = min(LEAST_OF_A_CLASS, len(of)) - int(chosen[of].sum())
            chosen[of[~chosen[of]][: max(lacking, 0)]] = True
    return np.flatnonzero(chosen).astype(np.int64)
