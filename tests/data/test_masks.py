from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from headstart.core.errors import DataError
from headstart.core.targets import IGNORED
from headstart.data.mask_coding import code_masks
from headstart.data.mask_values import facts_of, read_mask
from headstart.data.masks import FileMask
from tests.data.mask_files import encoded, numbers


def mask_of(path: Path, pixels: np.ndarray, *, orientation: int = 1) -> FileMask:
    path.write_bytes(encoded(pixels))
    facts = facts_of(read_mask(path.read_bytes()))
    coding = code_masks([facts], None, (), place="here").coding
    assert coding is not None
    return FileMask(str(path), coding, facts, orientation)


@given(pixels=arrays(np.uint8, (4, 6), elements=st.sampled_from([2, 5, 9, 255])), orientation=st.integers(1, 8))
def test_pixels_counts_and_size_agree(
    tmp_path_factory: pytest.TempPathFactory, pixels: np.ndarray, orientation: int
) -> None:
    if (pixels == 255).all() or set(np.unique(pixels)) <= {0, 255}:
        return
    mask = mask_of(tmp_path_factory.getbasetemp() / "one.png", pixels, orientation=orientation)
    found = mask.pixels()
    assert (found.shape[1], found.shape[0]) == mask.size
    kept = np.unique(pixels[pixels != 255])
    assert mask.counts(len(kept)).tolist() == [int((pixels == value).sum()) for value in kept]
    assert mask.counts(len(kept)).tolist() == [int((found == place).sum()) for place in range(len(kept))]
    assert int((found == IGNORED).sum()) == int((pixels == 255).sum())


def test_renumbered_twice(tmp_path: Path) -> None:
    mask = mask_of(tmp_path / "a.png", numbers([0, 1, 255]))
    other = mask.renumbered(np.array([2, 0, 1], np.int32)).renumbered(np.array([5, 6, 7], np.int32))
    assert np.unique(other.pixels()).tolist() == [IGNORED, 5, 7]
    assert other.counts(8).tolist() == [0, 0, 0, 0, 0, 32, 0, 32]


def test_the_digest_follows_the_content(tmp_path: Path) -> None:
    first, same = (mask_of(tmp_path / name, numbers([0, 1])) for name in ("a.png", "b.png"))
    other = mask_of(tmp_path / "c.png", numbers([1, 0]))
    assert len(first.digest()) == 16
    assert first.digest() == same.digest() != other.digest()
    assert first.digest() != first.renumbered(np.array([1, 0], np.int32)).digest()


def test_a_file_that_is_gone_or_has_changed(tmp_path: Path) -> None:
    mask = mask_of(tmp_path / "a.png", numbers([0, 1]))
    (tmp_path / "a.png").write_bytes(encoded(numbers([0, 77])))
    with pytest.raises(DataError, match=r"a\.png has changed: value 77"):
        mask.pixels()
    (tmp_path / "a.png").write_bytes(b"text")
    with pytest.raises(DataError, match=r"a\.png cannot be read"):
        mask.pixels()
    (tmp_path / "a.png").unlink()
    with pytest.raises(DataError, match=r"a\.png cannot be read"):
        mask.pixels()
