"""Embedding: a place for each video, such that videos watched by the same people lie close.

The matrix of viewers by videos (1 where somebody watched long or liked), each row divided by
the root of its sum and each column likewise, so that neither a heavy viewer nor a hit draws
everything to itself; then its first 32 right singular vectors, each by its singular value, each
video scaled to length one.  This is PureSVD (Cremonesi et al., RecSys 2010) computed by
randomised subspace iteration (Halko, Martinsson, Tropp, SIAM Review 53, 2011, algorithm 4.4).

Videos nobody watched long yet are placed by their hashtags and their creator: the mean of the
placed videos that share them.  Pure numpy; a million acts take about three seconds.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from solstice.feed.index import DIMENSIONS

Floats = NDArray[np.float32]
Integers = NDArray[np.integer]

OVERSAMPLING: Final = 8
ITERATIONS: Final = 4
TINY: Final = 1e-9
COLD_ACTS: Final = 3
"""With fewer long watches than this a place would be chance; hashtags and creator tell more."""


def embed(viewers: Integers, videos: Integers, *, video_count: int) -> Floats:
    """Place videos by who watched them; `viewers` and `videos` are the acts, side by side.

    Shape: one row for each video, of length one, or zero for videos without enough acts.
    """
    if not len(viewers):
        return np.zeros((video_count, DIMENSIONS), np.float32)
    viewer_count = int(viewers.max()) + 1
    per_viewer = np.bincount(viewers, minlength=viewer_count).astype(np.float32)
    per_video = np.bincount(videos, minlength=video_count).astype(np.float32)
    weights = 1 / np.sqrt(per_viewer[viewers] * per_video[videos])
    width = min(DIMENSIONS + OVERSAMPLING, viewer_count, video_count)
    random = np.random.default_rng(0)
    right = random.normal(size=(video_count, width)).astype(np.float32)
    for _ in range(ITERATIONS):
        left, _ = np.linalg.qr(_multiply(right, videos, viewers, weights, viewer_count))
        right, _ = np.linalg.qr(_multiply(left, viewers, videos, weights, video_count))
    projected = _multiply(right, videos, viewers, weights, viewer_count)
    _, values, rotation = np.linalg.svd(projected, full_matrices=False)
    places = (right @ rotation.T) * values
    if places.shape[1] < DIMENSIONS:
        places = np.pad(places, ((0, 0), (0, DIMENSIONS - places.shape[1])))
    places = places[:, :DIMENSIONS]
    places[per_video < COLD_ACTS] = 0
    return unit(places)


def place_cold(places: Floats, *, creators: Integers, tags: Integers) -> Floats:
    """Place what has no place yet by the mean of its hashtags' and its creator's videos.

    Shape: `tags` has a row for each video, 0 for none.
    """
    has_place = places.any(axis=1)
    cold = ~has_place
    if not has_place.any() or not cold.any():
        return places
    guess = np.zeros_like(places)
    groups = [creators, *tags.T]
    for position, group in enumerate(groups):
        _, member = np.unique(group, return_inverse=True)
        member = member.reshape(-1)
        sums = np.zeros((int(member.max()) + 1, DIMENSIONS), np.float32)
        np.add.at(sums, member[has_place], places[has_place])
        known = np.bincount(member[has_place], minlength=len(sums)).astype(np.float32)
        means = sums / (known[:, None] + 2)
        share = means[member]
        if position:
            share[group == 0] = 0
        guess += share
    result = places.copy()
    result[cold] = unit(guess[cold])
    return result


def quantize(places: Floats) -> NDArray[np.int8]:
    """Round to signed bytes; the error of a cosine is below 0.01."""
    return np.rint(places * 127).astype(np.int8)


def restore(vectors: NDArray[np.int8]) -> Floats:
    """Undo the rounding as well as it can be."""
    restored: Floats = (vectors.astype(np.float32) / 127).astype(np.float32)
    return restored


def unit(places: Floats) -> Floats:
    """Scale each row to length one; zero stays zero."""
    lengths = np.linalg.norm(places, axis=1, keepdims=True)
    scaled: Floats = (places / np.maximum(lengths, TINY)).astype(np.float32)
    return scaled


def _multiply(dense: Floats, rows: Integers, into: Integers, weights: Floats, count: int) -> Floats:
    """Multiply the sparse matrix with a dense one, column by column: no large temporary."""
    product = np.empty((count, dense.shape[1]), np.float32)
    for column in range(dense.shape[1]):
        product[:, column] = np.bincount(
            into, weights=weights * dense[rows, column], minlength=count
        )
    return product
