"""From pixels to the input of a network."""

from __future__ import annotations

import numpy as np
import torch

from headstart.core.card import InputFacts
from headstart.features.pictures import normalise, stack_pictures
from tests.features.samples import pictures

FACTS = InputFacts(mean=(0.1, 0.2, 0.3), std=(0.5, 0.25, 1.0))


def test_pictures_are_scaled_and_normalised_by_channel() -> None:
    images = pictures(3)
    batch = normalise(torch.from_numpy(images), FACTS)
    wanted = (images / 255 - np.array(FACTS.mean)) / np.array(FACTS.std)
    np.testing.assert_allclose(batch.numpy(), wanted.transpose(0, 3, 1, 2), atol=1e-5)
    assert batch.is_contiguous(memory_format=torch.channels_last)


def test_sixteen_bits_are_the_same_picture() -> None:
    images = pictures(2)
    deep = normalise(torch.from_numpy(images * np.uint16(257)), FACTS)
    torch.testing.assert_close(deep, normalise(torch.from_numpy(images), FACTS))


def test_depths_can_be_mixed() -> None:
    images = pictures(2)
    mixed = stack_pictures([images[0], images[1] * np.uint16(257)])
    assert mixed.dtype == np.uint16
    assert mixed[1].tolist() == (images[1] * np.uint16(257)).tolist()  # deep ones stay as they are
    torch.testing.assert_close(normalise(torch.from_numpy(mixed), FACTS), normalise(torch.from_numpy(images), FACTS))
    assert stack_pictures(list(images)).dtype == np.uint8


def test_the_pictures_stay_as_they_are() -> None:
    images = pictures(2)
    before = images.copy()
    normalise(torch.from_numpy(images), FACTS)
    assert np.array_equal(images, before)
