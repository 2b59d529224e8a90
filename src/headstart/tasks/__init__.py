"""Tasks: Backbone + labels -> head, loss, predictions, probe rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from headstart.core.table import Table

if TYPE_CHECKING:
    from headstart.tasks.task import Task


class TaskBuilder(Protocol):
    """What an entry of the table is: called with whether an item may have several labels, it gives the task."""

    def __call__(self, *, multi_label: bool = False) -> Task:
        """A task for data whose items have one label, or any number of them."""
        ...


TASKS: Table[TaskBuilder] = Table(
    "task",
    {
        "image-classification": "headstart.tasks.image_classification:ImageClassification",
        "object-detection": "headstart.tasks.object_detection:ObjectDetection",
        "semantic-segmentation": "headstart.tasks.semantic_segmentation:SemanticSegmentation",
        "text-classification": "headstart.tasks.text_classification:TextClassification",
        "token-classification": "headstart.tasks.token_classification:TokenClassification",
    },
)
