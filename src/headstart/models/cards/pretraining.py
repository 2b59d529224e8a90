"""What a pretrained model learnt from, told from its tag, its labels or what its folder says."""

from __future__ import annotations

import re
from collections.abc import Sequence

UNKNOWN = "unknown"

_DATA = {
    r"in1k|imagenet|imagenet1k": "ImageNet-1k",
    r"imagenet-1k": "ImageNet-1k",
    r"in12k": "ImageNet-12k",
    r"in21k|in22k|inw21k|imagenet-21k|imagenet-22k": "ImageNet-21k",
    r"inat21|inat2021": "iNaturalist 2021",
    r"lvd142m": "LVD-142M",
    r"lvd1689m": "LVD-1689M",
    r"sat493m": "SAT-493M",
    r"laion2b": "LAION-2B",
    r"laion400m": "LAION-400M",
    r"laiona": "LAION-A",
    r"openai": "OpenAI's image-text pairs",
    r"datacompxl": "DataComp-XL",
    r"datacomp1b": "DataComp-1B",
    r"dfn2b": "DFN-2B",
    r"dfn5b": "DFN-5B",
    r"dfndr2b": "DFNDR-2B",
    r"merged2b": "Merged-2B",
    r"webli": "WebLI",
    r"cc12m": "CC12M",
    r"yfcc15m": "YFCC-15M",
    r"yfcc100m": "YFCC-100M",
    r"ig1b": "IG-1B",
    r"ig-3\.6b|swag": "IG-3.6B",
    r"jft": "JFT-300M",
    r"coco": "COCO",
    r"sa1b": "SA-1B",
    r"m30m": "Merged-30M",
    r"m38m": "Merged-38M",
    r"places365": "Places365",
    r"cifar-?10": "CIFAR-10",
    r"cifar-?100": "CIFAR-100",
}
_NAMES = {re.compile(pattern): name for pattern, name in _DATA.items()}
# The first and the last of the 1000 classes, as WordNet ids and in words: no other data set has them there.
_IMAGENET_ENDS = (("n01440764", "tench"), ("n15075141", "toilet tissue"))


def source_data(words: Sequence[str]) -> str:
    """The data sets that the words of a tag or of a hub's list of data sets stand for, in their order, or ''."""
    found = [name for word in words for pattern, name in _NAMES.items() if pattern.fullmatch(word.lower())]
    return ", ".join(dict.fromkeys(found))


def of_tag(tag: str) -> str:
    """The source data of a timm tag such as `augreg_in21k_ft_in1k`; `unknown` where the tag does not tell."""
    return source_data(tag.split("_")) or UNKNOWN


def of_labels(labels: Sequence[str]) -> str:
    """`ImageNet-1k` for its 1000 classes in their usual order, '' for any others."""
    if len(labels) != 1000:
        return ""
    ends = zip((labels[0], labels[-1]), _IMAGENET_ENDS, strict=True)
    return "ImageNet-1k" if all(label.startswith(names) for label, names in ends) else ""
