"""Keys and slots: small things done to arrays of them."""

import numpy as np

from solstice.feed.keys import Slots, unique_in_order


def _slots(*numbers: int) -> Slots:
    return np.array(numbers, dtype=np.int32)


def test_of_repeats_the_first_stays() -> None:
    """The order is that of first places; nothing of nothing is nothing."""
    assert unique_in_order(_slots(7, 3, 7, 0, 3, 9, 0)).tolist() == [7, 3, 0, 9]
    assert unique_in_order(_slots()).tolist() == []
