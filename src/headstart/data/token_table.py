"""JSON Lines and Parquet with texts and their entities: `tokens,tags`, or `text,entities` with places of characters."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from headstart.core.dataset import Dataset
from headstart.core.errors import DataError, did_you_mean
from headstart.core.ledger import Event
from headstart.data.encoding import encoding_of
from headstart.data.entity_spans import KEYS, align
from headstart.data.reader import ReadOptions, local_path
from headstart.data.sentences import NO_WORDS, Sentences, entity_dataset, tagged_dataset, without_wordless
from headstart.data.table_columns import Columns, recognised
from headstart.data.table_file import TableFile, json_rows, names_of
from headstart.data.table_reader import TableReader, tables_in
from headstart.data.table_rows import Rows, with_columns
from headstart.data.tag_problems import check_entities, check_tags
from headstart.data.text_columns import TextColumn
from headstart.data.text_table import NO_TEXT

SUFFIXES = frozenset({".jsonl", ".ndjson", ".parquet"})
WORDS = ("tokens", "words", "token", "word")
TAGS = ("tags", "ner_tags", "ner", "labels", "label", "tag", "bio_tags", "iob_tags")
SPANS = ("entities", "spans", "entity", "label", "labels", "annotations")
SHOWN = 5
HINT = "A row has tokens and tags, or a text and entities: [{'start': 0, 'end': 6, 'label': 'LOC'}]."
