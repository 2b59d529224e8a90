"""Rows in the coordinates in which they are uncorrelated, and inverses of their Gram matrix under any shift.

Ridge regression, shrunken covariances, Gaussian evidence and log determinants of N rows and D features all follow from
one decomposition of the Gram matrix K = XX' = U diag(s) U' (N, N), of rank r <= min(N, D). It does not change when the
features are rotated, so nor does what is computed from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

# Below this many multiplications the rows are decomposed themselves, which tells small singular values more exactly
# than their Gram matrix does, and takes about ten times as long.
FEW = 3e7
DENSE = 300


@dataclass(frozen=True)
class Spectrum:
    """`left` U (N, r) and `squares` s (r,), the squared singular values that are not zero."""

    left: Doubles
    squares: Doubles

    @classmethod
    def of_rows(cls, x: Doubles) -> Spectrum:
        """That of rows (N, D)."""
        count, width = x.shape
        if is_small(x.shape):
            left, values, _ = np.linalg.svd(x, full_matrices=False)
            return cls._cut(left, values**2)
        if width > count:
            return cls.of_gram(x @ x.T)
        squares, right = np.linalg.eigh(x.T @ x)
        there = squares > _negligible(squares)
        return cls((x @ right[:, there]) / np.sqrt(squares[there]), squares[there])

    @classmethod
    def of_gram(cls, gram: Doubles) -> Spectrum:
        """That of rows whose inner products (N, N) are known."""
        squares, left = np.linalg.eigh(gram)
        return cls._cut(left, squares)

    @classmethod
    def _cut(cls, left: Doubles, squares: Doubles) -> Spectrum:
        there = squares > _negligible(squares)
        return cls(left[:, there], squares[there])

    def __len__(self) -> int:
        return len(self.left)

    def solve(self, columns: Doubles, shifts: Doubles) -> Doubles:
        """(L, N, k): the inverse of K + shift times these columns (N, k), for each of L shifts above zero."""
        inner = self.left.T @ columns
        shares = self._shares(shifts)
        turned = (shares[:, :, None] * inner).transpose(1, 0, 2).reshape(len(self.squares), -1)
        back = (self.left @ turned).reshape(len(self), len(shifts), -1).transpose(1, 0, 2)
        return np.asarray(columns / shifts[:, None, None] - back)

    def diagonal(self, shifts: Doubles) -> Doubles:
        """(L, N): the diagonal of the inverse of K + shift."""
        return np.asarray(1 / shifts[:, None] - ((self.left**2) @ self._shares(shifts).T).T)

    def block(self, members: Integers, shift: float) -> Doubles:
        """The part of the inverse of K + shift that belongs to some rows."""
        rows = self.left[members]
        return np.asarray(np.eye(len(members)) / shift - (rows * self._shares(np.array([shift]))[0]) @ rows.T)

    def log_determinant(self, shift: float) -> float:
        """That of K + shift."""
        empty = len(self) - len(self.squares)
        return float(np.log(self.squares + shift).sum() + empty * np.log(shift))

    def coordinates(self) -> Doubles:
        """(N, r): the rows, rotated."""
        return self.left * np.sqrt(self.squares)

    def principal(self, most: int) -> tuple[Doubles, Doubles]:
        """The first principal components (N, k), k <= most, and all their variances (k,), the largest first."""
        place = self.coordinates()
        centre = place.mean(axis=0)
        kept = min(most, len(self.squares), len(self) - 1)
        values, axes = _largest(self.squares, np.sqrt(len(self)) * centre, kept)
        there = values > _negligible(self.squares)
        return (place - centre) @ axes[:, there], values[there] / (len(self) - 1)

    def _shares(self, shifts: Doubles) -> Doubles:
        return np.asarray(self.squares / (shifts[:, None] * (self.squares + shifts[:, None])))


class Resolvent:
    """R, the inverse of QKQ + shift on what Q leaves of the space, for each of L shifts; Q removes `basis` (N, q).

    With the constant column as the basis QKQ is the Gram matrix of centred rows; with the indicators of the classes, of
    rows centred class by class. `basis` is orthonormal. R = A - A B inv(B'AB) B'A, A being the inverse of K + shift.
    """

    def __init__(self, spectrum: Spectrum, basis: Doubles, shifts: npt.ArrayLike) -> None:
        self.spectrum, self.basis = spectrum, basis
        self.shifts = np.atleast_1d(np.asarray(shifts, np.float64))
        self.solved_basis = spectrum.solve(basis, self.shifts)
        self.inner = np.linalg.inv(basis.T @ self.solved_basis)

    def apply(self, columns: Doubles) -> Doubles:
        """(L, N, k): R times columns (N, k)."""
        solved = self.spectrum.solve(columns, self.shifts)
        return np.asarray(solved - self.solved_basis @ (self.inner @ (self.basis.T @ solved)))

    def diagonal(self) -> Doubles:
        """(L, N)."""
        removed = ((self.solved_basis @ self.inner) * self.solved_basis).sum(axis=2)
        return np.asarray(self.spectrum.diagonal(self.shifts) - removed)

    def block(self, members: Integers, which: int) -> Doubles:
        """The part of R, for one of the shifts, that belongs to some rows."""
        solved = self.solved_basis[which][members]
        own = self.spectrum.block(members, float(self.shifts[which]))
        return np.asarray(own - solved @ self.inner[which] @ solved.T)


def is_small(shape: tuple[int, ...]) -> bool:
    """Whether rows (N, D) of this shape are decomposed themselves."""
    return shape[0] * shape[1] * min(shape) <= FEW


def constant(count: int) -> Doubles:
    """(N, 1): the orthonormal basis of what centring removes."""
    return np.full((count, 1), 1 / np.sqrt(count))


def class_basis(indicators: npt.NDArray[Any]) -> Doubles:
    """(N, C): the orthonormal basis of what centring class by class removes, from 0/1 (N, C) with one 1 a row."""
    return np.asarray(indicators / np.sqrt(indicators.sum(axis=0)), np.float64)


def _negligible(squares: Doubles) -> float:
    return float(squares.max(initial=0) * len(squares) * np.finfo(np.float64).eps)


def _largest(diagonal: Doubles, vector: Doubles, count: int) -> tuple[Doubles, Doubles]:
    """The largest eigenvalues, and their vectors, of a diagonal matrix minus the square of a vector."""
    size = len(diagonal)
    if size <= max(DENSE, 3 * count):
        values, axes = np.linalg.eigh(np.diag(diagonal) - np.outer(vector, vector))
        return values[::-1][:count], axes[:, ::-1][:, :count]
    from scipy.sparse.linalg import LinearOperator, eigsh

    operator = LinearOperator(
        (size, size), matvec=lambda v: diagonal * v.ravel() - vector * (vector @ v.ravel()), dtype=np.float64
    )
    values, axes = eigsh(operator, k=count, v0=np.ones(size))
    order = np.argsort(-values)
    return values[order], axes[:, order]
