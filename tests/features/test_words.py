from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from headstart.core.errors import RunError
from headstart.features.words import FILE, BagOfWords, bag_of, terms_of, tf_idf, vocabulary_of
from headstart.models.backbone import Features

TEXTS = ["The good, good film!", "a bad film", "the plot was bad", "nothing to see here"]


def test_terms_are_words_and_pairs_of_neighbours() -> None:
    assert terms_of("It's GOOD") == ["it", "s", "good", "it s", "s good"]
    assert terms_of("服务好") == ["服", "务", "好", "服 务", "务 好"]
    assert set(terms_of(("good", "good"))) == {"good", "\x1fgood"}
    assert terms_of("?!") == []


def test_it_is_the_tf_idf_of_scikit_learn() -> None:
    theirs = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\w+")
    expected = theirs.fit_transform(TEXTS).toarray()
    terms, idf = vocabulary_of(TEXTS)
    assert terms == list(theirs.get_feature_names_out())
    np.testing.assert_allclose(idf, theirs.idf_, rtol=1e-6)
    places = {term: place for place, term in enumerate(terms)}
    np.testing.assert_allclose(tf_idf(TEXTS, places, idf).toarray(), expected, rtol=1e-6)


def test_terms_of_a_single_text_are_left_out_where_there_are_enough() -> None:
    assert "nothing" in vocabulary_of(TEXTS)[0]
    terms = vocabulary_of(TEXTS[:3] * 100 + TEXTS[3:])[0]
    assert "nothing" not in terms
    assert "film" in terms


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_any_text_has_a_row_of_unit_length_or_none(texts: list[str]) -> None:
    terms, idf = vocabulary_of(TEXTS)
    rows = tf_idf(texts, {term: place for place, term in enumerate(terms)}, idf)
    lengths = np.sqrt(rows.multiply(rows).sum(axis=1))
    assert rows.shape == (len(texts), len(terms))
    assert np.all(np.isclose(lengths, 1) | (lengths == 0))


@torch.inference_mode()
def test_logits_are_rows_times_weights() -> None:
    terms, idf = vocabulary_of(TEXTS)
    head = BagOfWords(terms, 3)
    head.idf.copy_(torch.from_numpy(idf))
    dense = torch.from_numpy(tf_idf(TEXTS, {t: p for p, t in enumerate(terms)}, idf).toarray().astype(np.float32))
    torch.testing.assert_close(head(Features(pooled=head.rows(TEXTS))), head.linear(dense))
    with pytest.raises(ValueError, match="no rows of words"):
        head(Features())


def test_it_is_kept_as_json_and_tensors() -> None:
    head = BagOfWords(["a", "é", "a é"], 2)
    again = bag_of(head.companions(), labels=2)
    again.load_state_dict(head.state_dict())
    assert again.terms == head.terms
    assert torch.equal(again.rows(["a é"]).to_dense(), head.rows(["a é"]).to_dense())
    for damaged in ({}, {FILE: b"["}, {FILE: b"{}"}, {FILE: b"[1]"}):
        with pytest.raises(RunError, match=FILE.replace(".", r"\.")):
            bag_of(damaged, labels=2)
