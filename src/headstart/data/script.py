"""Texts -> the script that they are written in, as far as a choice of encoder hangs on it."""

from __future__ import annotations

import re
from typing import Literal

from headstart.core.dataset import Dataset
from headstart.data.text import TextError, text_of

Script = Literal["chinese", "other"]
LOOKED_AT = 200
"""Texts that are read; evenly spread, so that a file sorted by language is not judged by its head."""
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_LETTER = re.compile(r"[^\W\d_]")


def script_of(dataset: Dataset) -> Script:
    """`chinese` where most letters are Chinese characters; Japanese, which has more kana than those, is not.

    Pictures, and texts that cannot be read, are `other`.
    """
    if dataset.modality != "text":
        return "other"
    han = letters = 0
    for index in range(0, len(dataset), max(len(dataset) // LOOKED_AT, 1)):
        try:
            text = text_of(dataset.inputs.read(index))
        except TextError:
            continue
        for part in (text,) if isinstance(text, str) else text:
            han += len(_HAN.findall(part))
            letters += len(_LETTER.findall(part))
    return "chinese" if 2 * han > letters else "other"
