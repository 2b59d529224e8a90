"""A network as Keras 2 described it, built by Keras 3, and given what its layers had learnt."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from headstart.models.foreign_errors import in_short
from headstart.models.keras.library import laid_out
from headstart.models.keras.network import is_seed

INPUT = "InputLayer"
NETWORKS = ("Functional", "Model", "Sequential")
CODE = ("Lambda", "__lambda__", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer")
"""Layers that run code out of a description, or a program out of a file."""
MODULES = (None, *(f"keras.{name}" for name in ("layers", "initializers", "regularizers", "constraints")))
"""Where what a description names may be from; nothing of it says so, or it is one of these."""
OFF = (None, False)
BEGINNINGS = ("_initializer", "_regularizer", "_constraint")
"""Of weights that come out of a file it does not matter what they were before, and what held them while they learnt."""
MOST = 3


class NotRebuiltError(Exception):
    """Why a network of Keras 2 cannot be built again, as the end of a sentence."""


class SavedLayer(NamedTuple):
    """What a layer had learnt: the names of the networks that it is in and its own, and its weights by their names."""

    path: tuple[str, ...]
    weights: tuple[tuple[str, npt.NDArray[np.float32]], ...]


def saved_layers(described: Sequence[Mapping[str, Any]], values: npt.NDArray[np.float32]) -> list[SavedLayer]:
    """Layers out of their names and shapes, and the values of all weights, one after the other."""
    found, at = [], 0
    for layer in described:
        weights = []
        for name, shape in layer["weights"]:
            count = math.prod(shape)
            weights.append((str(name), values[at : at + count].reshape(shape)))
            at += count
        found.append(SavedLayer(tuple(layer["path"]), tuple(weights)))
    return found


def built(kind: str, config: Mapping[str, Any]) -> Any:
    """A network with fresh weights. Raises `NotRebuiltError` where Keras 3 has not all of what it is made of."""
    with laid_out() as keras:
        missing: set[str] = set()
        try:
            prepared = _network(config, keras, missing)
            if missing:
                raise NotRebuiltError(f"Keras 3 has no such layers, or they are code: {', '.join(sorted(missing))}")
            return (keras.Sequential if kind == "Sequential" else keras.Model).from_config(prepared)
        except NotRebuiltError:
            raise
        except Exception as error:
            said = str(error).rpartition("Exception encountered:")[2]  # what is before it repeats the description
            raise NotRebuiltError(f"Keras 3 cannot build its layers: {in_short(ValueError(said))}") from error


def _network(config: Mapping[str, Any], keras: Any, missing: set[str]) -> dict[str, Any]:
    """The description of a network in the form that Keras 3 reads; what it has not is added to what is `missing`."""
    entries = config.get("layers") if isinstance(config, Mapping) else None
    if not isinstance(entries, list) or not all(isinstance(each, dict) and "config" in each for each in entries):
        raise NotRebuiltError("its description has no layers")
    found = {**_plain(config, missing), "layers": [_layer(entry, keras, missing) for entry in entries]}
    # Calls of a network inside another are counted from 1 by Keras 2, whose networks call themselves once, and from 0
    # by Keras 3, which knows about it in one place only: where a functional one gives an output.
    inside = {_plain_name(entry.get("name")): entry["class_name"] for entry in entries if _calls_itself(entry)}
    for layer in found["layers"]:
        layer["inbound_nodes"] = _renumbered(layer.get("inbound_nodes", []), set(inside))
        if entries[0].get("class_name") == INPUT != layer.get("class_name"):
            layer["config"].pop("batch_input_shape", None)  # said twice, of which Keras 3 warns
    sequential = {name for name, kind in inside.items() if kind == "Sequential"}
    ends = {"input_layers": set[str](), "output_layers": sequential}
    return {**found, **{end: _only(_renumbered(found[end], counted)) for end, counted in ends.items() if end in found}}


def _only(nodes: Any) -> Any:
    """One reference by itself where it is the only one: the network then takes and gives a tensor, not a list."""
    return nodes[0] if isinstance(nodes, list) and len(nodes) == 1 else nodes


def _plain_name(name: Any) -> str:
    """The name of a layer as Keras 3 takes it: without a slash."""
    return str(name).replace("/", "_")


def _calls_itself(entry: Mapping[str, Any]) -> bool:
    """Whether a layer is a network that was made with an input of its own."""
    layers: Any = entry["config"].get("layers") if entry.get("class_name") in NETWORKS else None
    return bool(layers) and layers[0].get("class_name") == INPUT


def _renumbered(nodes: Any, networks: set[str]) -> Any:
    """References to outputs of layers, `[name, call, tensor, ...]`, with the calls of these networks counted from 0."""
    if isinstance(nodes, dict):
        return {name: _renumbered(each, networks) for name, each in nodes.items()}
    if not isinstance(nodes, list | tuple):
        return nodes
    if len(nodes) >= 3 and isinstance(nodes[0], str) and isinstance(nodes[1], int):
        name = _plain_name(nodes[0])
        return [name, nodes[1] - (name in networks), *nodes[2:]]
    return [_renumbered(each, networks) for each in nodes]


def _layer(entry: Mapping[str, Any], keras: Any, missing: set[str]) -> dict[str, Any]:
    kind = str(entry.get("class_name"))
    if kind in NETWORKS:
        return {**_plain(entry, missing), "config": _network(entry["config"], keras, missing)}
    layer = getattr(keras.layers, kind, None)
    if kind in CODE or not inspect.isclass(layer) or not issubclass(layer, keras.layers.Layer):
        missing.add(kind)
        return {"class_name": kind, "config": {}}
    plain: dict[str, Any] = _plain(entry, missing)
    known = _arguments(layer)
    plain["config"] = {
        name: value for name, value in plain["config"].items() if name in known or not _needless(name, value)
    }
    return plain


def _needless(name: str, value: Any) -> bool:
    """Whether a setting that Keras 3 does not know says nothing: it is off, or of no matter for given weights."""
    return value in OFF or name.endswith(BEGINNINGS) or (name == "groups" and value == 1)


def _arguments(layer: type) -> set[str]:
    """What can be said of a layer of this class."""
    found = {"batch_input_shape"}
    for each in layer.__mro__:
        if "__init__" in vars(each):
            found |= set(inspect.signature(vars(each)["__init__"]).parameters)
    return found


def _plain(value: Any, missing: set[str]) -> Any:
    """A value of a description without the forms of Keras 2: of a tuple, and of a policy for data types."""
    if isinstance(value, list | tuple):
        return [_plain(each, missing) for each in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("class_name")
    if kind == "__tuple__":
        return tuple(_plain(each, missing) for each in value["items"])
    if kind == "Policy":
        return value["config"]["name"]
    if kind in CODE or value.get("module") not in MODULES:
        missing.add(str(kind))
        return None
    return {
        name: _plain_name(each) if name == "name" and isinstance(each, str) else _plain(each, missing)
        for name, each in value.items()
    }


def give_weights(network: Any, saved: Sequence[SavedLayer]) -> None:
    """Give a network what its layers had learnt: by the names of layers, in each by names and shapes.

    Raises `NotRebuiltError`, before anything is changed, where a weight has no counterpart or more than one.
    """
    named = {tuple(map(_plain_name, layer.path)): layer for layer in saved if layer.weights}
    pairs: list[tuple[Any, npt.NDArray[np.float32]]] = []
    problems, given = [], []
    for path, layer in _leaves(network):
        variables = [each for each in layer.variables if not is_seed(each)]
        weights = named.pop(path).weights if path in named else ()
        found = _pairs(variables, weights, layer.name)
        if found is None:
            problems.append(f"those of '{'/'.join(path)}' ({_shapes(variables)} against {_shapes_of(weights)})")
            continue
        pairs += found
        given.append(layer)
    problems += [f"those of '{'/'.join(path)}', which Keras 3 does not have" for path in named]
    if problems:
        more = f" and {len(problems) - MOST} more" if len(problems) > MOST else ""
        raise NotRebuiltError(f"weights cannot be told apart or do not fit: {'; '.join(problems[:MOST])}{more}")
    for variable, value in pairs:
        variable.assign(value)
    for layer in given:
        if hasattr(layer, "finalize_state"):  # a Normalization computes with what it makes of its weights
            layer.finalize_state()


def _leaves(network: Any, inside: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for layer in network.layers:
        path = (*inside, layer.name)
        if hasattr(layer, "layers"):
            yield from _leaves(layer, path)
        else:
            yield path, layer


def _pairs(
    variables: Sequence[Any], weights: Sequence[tuple[str, npt.NDArray[np.float32]]], layer: str
) -> list[tuple[Any, npt.NDArray[np.float32]]] | None:
    """Variables and the values that they get; None where that is not certain.

    What has the same name has to have the same shape, too. What has none of its name, as the kernel of a depthwise
    convolution, goes by its shape, where only one on either side has it.
    """
    ours = [(_within(each.path, layer), tuple(each.shape)) for each in variables]
    theirs = [(_within(name, layer), tuple(value.shape)) for name, value in weights]
    if len(ours) != len(theirs) or len(set(ours)) != len(ours) or len(set(theirs)) != len(theirs):
        return None
    renamed, names = [each for each in ours if each not in theirs], [each for each in theirs if each not in ours]
    by_shape = {shape: name for name, shape in names}
    if len(by_shape) != len(names) or {shape for _, shape in renamed} != set(by_shape):
        return None
    if {name for name, _ in renamed} & {name for name, _ in names}:
        return None
    others = [key if key in theirs else (by_shape[key[1]], key[1]) for key in ours]
    return [(variable, weights[theirs.index(key)][1]) for variable, key in zip(variables, others, strict=True)]


def _within(name: str, layer: str) -> str:
    """The name of a variable within its layer: what comes after that of the layer, else the last part."""
    parts = name.partition(":")[0].split("/")
    place = max((number for number, part in enumerate(parts[:-1]) if part == layer), default=len(parts) - 2)
    return "/".join(parts[place + 1 :])


def _shapes(variables: Sequence[Any]) -> str:
    return ", ".join(f"{each.name} {tuple(each.shape)}" for each in variables) or "none"


def _shapes_of(weights: Sequence[tuple[str, npt.NDArray[np.float32]]]) -> str:
    return ", ".join(f"{name} {value.shape}" for name, value in weights) or "none"
