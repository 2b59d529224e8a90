"""What Keras 2 wrote into a SavedModel of its layers: how they are made, and what they have learnt.

It is used in the process of TensorFlow (`worker.py`), where it is found by its path, and imports nothing of
Headstart.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

METADATA = "keras_metadata.pb"
MESSAGES = ("tensorflow.python.keras.protobuf", "tf_keras.protobuf", "keras.protobuf")
"""Packages that know the form of that file: TensorFlow's own copy, Keras 2 beside Keras 3, and Keras 2."""
NETWORKS = ("_tf_keras_network", "_tf_keras_sequential", "_tf_keras_model")
NO_METADATA = (
    f"nothing in it describes its layers: it has no {METADATA}, which model.save of Keras 2 writes, but not "
    "model.export of Keras 3"
)
_LAYER = re.compile(r"layer-\d+")


class Described(NamedTuple):
    """What Keras 2 said of an object of the SavedModel: which of its kinds it is, and its metadata."""

    identifier: str
    facts: dict[str, Any]


class Place(NamedTuple):
    """A layer: the names of the networks that it is in and its own, and the attributes that lead to it."""

    names: tuple[str, ...]
    attributes: tuple[str, ...]


Children = Mapping[int, Sequence[tuple[str, int]]]
"""The objects that an object holds, by its number: their names in it and their numbers."""


def places(known: Mapping[int, Described], children: Children) -> list[Place]:
    """The layers below the root, object 0, those of networks inside it in their place, each object once."""
    return list(_below(0, known, children, Place((), ()), seen={0}))


def _below(
    number: int, known: Mapping[int, Described], children: Children, place: Place, seen: set[int]
) -> Iterator[Place]:
    for name, child in children.get(number, ()):
        if not _LAYER.fullmatch(name) or child not in known or child in seen:
            continue
        seen.add(child)
        described = known[child]
        found = Place((*place.names, str(described.facts.get("name"))), (*place.attributes, name))
        if described.identifier in NETWORKS:
            yield from _below(child, known, children, found, seen)
        else:
            yield found


def lacking(known: Mapping[int, Described]) -> str:
    """Why the layers cannot be built from what is known of the root; empty where they can."""
    if 0 not in known:
        return NO_METADATA
    root = known[0]
    config = root.facts.get("config")
    if root.identifier not in NETWORKS or not isinstance(config, dict) or "layers" not in config:
        kind = root.facts.get("class_name", root.identifier)
        return f"it is a {kind} with code of its own, and neither a functional nor a sequential model of Keras"
    return ""


def layers(folder: str, loaded: Any) -> tuple[dict[str, Any], np.ndarray | None]:
    """A message with the description of a loaded SavedModel and the names and shapes of its layers' weights.

    The array has their values, one after the other. Where there are none, the message is the `reason`.
    """
    try:
        known, children = _read(folder)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a file that somebody gave is the reason
        return {"reason": f"its description cannot be read: {type(error).__name__}: {error}"}, None
    reason = lacking(known)
    if reason:
        return {"reason": reason}, None
    found, values = [], []
    for place in places(known, children):
        variables = weights_of(loaded, place)
        found.append({"path": place.names, "weights": [[each.name, each.shape.as_list()] for each in variables]})
        values += [each.numpy().astype(np.float32).ravel() for each in variables]
    facts = known[0].facts
    message = {"kind": facts.get("class_name"), "config": facts["config"], "layers": found}
    return message, np.concatenate([np.zeros(0, np.float32), *values])


def weights_of(loaded: Any, place: Place) -> list[Any]:
    """The variables of a layer, without whole numbers: counters, and the states of random number generators."""
    for attribute in place.attributes:
        loaded = getattr(loaded, attribute)
    # Layers that prepare pictures have no list of their variables, but some of them under two names.
    listed = getattr(loaded, "variables", None)
    found = [each for each in vars(loaded).values() if _is_variable(each)] if listed is None else listed
    return [each for each in {id(each): each for each in found}.values() if each.dtype.is_floating]


def _is_variable(value: Any) -> bool:
    return all(hasattr(value, name) for name in ("numpy", "dtype", "shape", "assign"))


def _read(folder: str) -> tuple[dict[int, Described], dict[int, list[tuple[str, int]]]]:
    """What is known of the objects, and what they hold."""
    from tensorflow.core.protobuf import saved_model_pb2

    content = saved_model_pb2.SavedModel()
    content.ParseFromString(_bytes(folder, "saved_model.pb"))
    nodes = content.meta_graphs[0].object_graph_def.nodes
    # TensorFlow before 2.5 kept the metadata in the graph of objects itself.
    said = [(number, node.user_object.identifier, node.user_object.metadata) for number, node in enumerate(nodes)]
    if os.path.isfile(os.path.join(folder, METADATA)):  # noqa: PTH113, PTH118
        metadata = _messages().SavedMetadata()
        metadata.ParseFromString(_bytes(folder, METADATA))
        said = [(node.node_id, node.identifier, node.metadata) for node in metadata.nodes]
    known = {
        number: Described(identifier, json.loads(text))
        for number, identifier, text in said
        if identifier.startswith("_tf_keras_") and text
    }
    children = {
        number: [(child.local_name, child.node_id) for child in node.children] for number, node in enumerate(nodes)
    }
    return known, children


def _bytes(folder: str, name: str) -> bytes:
    with open(os.path.join(folder, name), "rb") as stream:  # noqa: PTH118, PTH123
        return stream.read()


def _messages() -> Any:
    for package in MESSAGES:
        try:
            return import_module(f"{package}.saved_metadata_pb2")
        except ImportError:
            continue
    raise ImportError(f"none of {', '.join(MESSAGES)} is installed, which know the form of {METADATA}")
