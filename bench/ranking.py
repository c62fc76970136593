"""How well the ranking guesses: real logs, the production functions, intervals by bootstrap.

    python -m bench.ranking [--short] [--data ../shared/data/interactions]

Three questions, each against "popular for everybody" (the prior alone):

1. KuaiRand, order: of the clips a viewer was shown in the six test days, are those watched long
   put above the others?  (AUC within each viewer's list, averaged by list length.)
2. KuaiRand, finding: out of all 7,583 clips, how many of those later watched long are among the
   100 best for this viewer, without what they have seen?  (recall@100; the log's own policy
   chose what could be watched at all, so this is agreement with it, not truth.)
3. KuaiRec, unbiased: viewers who watched everything, so no policy chose; learn from four fifths
   of a viewer's clips, order the rest.  (AUC within each viewer's list.)

A gain counts only if the 95 % interval of the difference, resampling viewers, excludes zero and
it is over 1 % of the metric.  All KuaiRand videos are equally old: freshness cannot be read off.
"""

import argparse
import csv
import gzip
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.asking import parse
from bench.table import Figure, print_figures
from solstice.feed.embedding import embed, place_cold, quantize
from solstice.feed.index import PUBLIC, RECORD, FeedIndex
from solstice.feed.pools import copy_columns, score_prior
from solstice.feed.ranking import (
    BRIEF_WATCH_SIGNAL,
    DECAY,
    LONG_WATCH_SIGNAL,
    TEACHING_MAX,
    Taste,
    score,
    taste_from,
)

LATER = 1_700_000_000_000
NO_ONE = np.empty(0, np.int32)


@dataclass
class Log:
    """Videos, what viewers did before, and what they were shown then."""

    index: FeedIndex
    long_before: list[np.ndarray]
    """By viewer: slots watched long, oldest first."""
    shown_before: list[np.ndarray]
    viewer: np.ndarray
    slot: np.ndarray
    is_long: np.ndarray


def main() -> None:
    """Load, learn, order, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=Path("../shared/data/interactions"))
    chosen = parse(parser)
    figures = [] if chosen.short else [*measure("KuaiRand", load_kuairand(chosen.data))]
    figures += measure("KuaiRec", load_kuairec(chosen.data))
    print_figures("Ranking, real logs, production functions", figures)


def measure(name: str, log: Log) -> Iterator[Figure]:
    """Measure one log."""
    started = time.monotonic()
    viewers = np.concatenate([np.full(len(s), u) for u, s in enumerate(log.long_before)])
    acts = np.concatenate(log.long_before).astype(np.int64)
    places = embed(viewers, acts, video_count=log.index.count)
    warm = float(places.any(axis=1).mean())
    places = place_cold(places, creators=log.index.creator, tags=log.index.tags)
    log.index.column("vector")[:] = quantize(places)
    print(f"{name}: {len(acts):,} acts placed {warm:.0%} in {time.monotonic() - started:.1f} s")
    prior = score_prior(copy_columns(log.index), now_ms=LATER)
    tastes = {int(u): learn(log, int(u)) for u in np.unique(log.viewer)}
    order = np.lexsort((log.slot, log.viewer))
    viewer, slot, is_long = log.viewer[order], log.slot[order], log.is_long[order]
    bounds = np.flatnonzero(np.r_[True, viewer[1:] != viewer[:-1], True])
    lists = list(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True))
    ours, popular, weights = [], [], []
    for first, last in lists:
        labels, slots = is_long[first:last], slot[first:last]
        if 0 < labels.sum() < len(labels):
            base = prior[slots]
            popular.append(auc(base, labels))
            mine = score(log.index, tastes[int(viewer[first])], slots, base)
            ours.append(auc(mine, labels))
            weights.append(last - first)
    yield compare(f"{name}: AUC in a viewer's list", ours, popular, weights)
    if name == "KuaiRand":
        yield compare_recall(log, prior, tastes, lists, order)


def compare_recall(
    log: Log,
    prior: np.ndarray,
    tastes: dict[int, Taste],
    lists: list[tuple[int, int]],
    order: np.ndarray,
) -> Figure:
    """Compare how many of the clips watched long later are among the 100 best of all."""
    viewer, slot, is_long = log.viewer[order], log.slot[order], log.is_long[order]
    everything = np.arange(log.index.count, dtype=np.int32)
    ours, popular = [], []
    for first, last in lists[:: max(1, len(lists) // 3000)]:
        wanted = np.unique(slot[first:last][is_long[first:last] == 1])
        user = int(viewer[first])
        seen = np.union1d(log.shown_before[user], log.long_before[user]).astype(np.int64)
        wanted = np.setdiff1d(wanted, seen)
        if not len(wanted):
            continue
        scores = score(log.index, tastes[user], everything, prior)
        for values, found in ((scores, ours), (prior.copy(), popular)):
            values[seen] = -np.inf
            best = np.argpartition(values, -100)[-100:]
            found.append(float(np.isin(wanted, best).mean()))
    return compare("KuaiRand: recall@100 of all clips", ours, popular, [1] * len(ours))


def learn(log: Log, user: int) -> Taste:
    """Learn a viewer's taste as production does from the same acts."""
    liked = log.long_before[user][-TEACHING_MAX:]
    passed = np.setdiff1d(log.shown_before[user], liked)[-TEACHING_MAX:]
    slots = np.concatenate([passed, liked]).astype(np.int32)
    signals = np.concatenate(
        [
            np.full(len(passed), BRIEF_WATCH_SIGNAL),
            LONG_WATCH_SIGNAL * DECAY ** np.arange(len(liked) - 1, -1, -1),
        ]
    ).astype(np.float32)
    return taste_from(log.index, slots=slots, signals=signals, followed=NO_ONE)


def compare(name: str, ours: list[float], popular: list[float], weights: list[int]) -> Figure:
    """Compare two metrics of the same viewers, with a bootstrap interval of the difference."""
    mine, theirs, weight = np.array(ours), np.array(popular), np.array(weights, dtype=float)
    random = np.random.default_rng(5)
    differences = []
    for _ in range(1000):
        drawn = random.integers(len(mine), size=len(mine))
        w = weight[drawn]
        differences.append(float(((mine - theirs)[drawn] * w).sum() / w.sum()))
    low, high = np.percentile(differences, [2.5, 97.5])
    value, base = np.average(mine, weights=weight), np.average(theirs, weights=weight)
    return Figure(
        name=name,
        target="difference beyond noise",
        measured=f"{value:.4f} ({low:+.4f} .. {high:+.4f})",
        yardstick=f"popular for everybody: {base:.4f}, {len(mine):,} viewers",
        ratio=float(value / base),
        met=bool(low > 0 and value > base * 1.01),
    )


def auc(values: np.ndarray, labels: np.ndarray) -> float:
    """Tell how often a positive stands above a negative; ties count half."""
    ordered = np.sort(values)
    below = np.searchsorted(ordered, values, side="left")
    upto = np.searchsorted(ordered, values, side="right")
    ranks = (below + upto + 1) / 2
    positives = int(labels.sum())
    negatives = len(labels) - positives
    total = ranks[labels == 1].sum() - positives * (positives + 1) / 2
    return float(total / (positives * negatives))


def make_index(
    creators: np.ndarray, tags: np.ndarray, shown: np.ndarray, long: np.ndarray
) -> FeedIndex:
    """Make an index as the database would fill it."""
    records = np.zeros(len(creators), RECORD)
    records["key"] = np.arange(1, len(creators) + 1)
    records["creator_key"] = creators
    records["visibility"] = PUBLIC
    records["impressions"] = shown
    records["long_watches"] = long
    records["tags"] = tags
    index = FeedIndex()
    index.put(records)
    return index


def load_kuairand(folder: Path) -> Log:
    """Load KuaiRand-Pure: sequences before the cut, six days of events after it."""
    slots: dict[str, int] = {}
    creators, tags = [], []
    for row in rows(folder / "kuairand_pure_videos.csv.gz"):
        slots[row["video_id"]] = len(slots)
        creators.append(int(row["author_id"]) + 1)
        named = [int(tag) + 1 for tag in row["tag"].split(",") if tag.isdigit()][:4]
        tags.append(named + [0] * (4 - len(named)))
    users: dict[str, int] = {}
    long_before, shown_before = [], []
    for row in rows(folder / "kuairand_pure_train_sequences.csv.gz"):
        users[row["user_id"]] = len(users)
        shown_before.append(np.array([slots[v] for v in row["watch_seq"].split()], np.int32))
        long_before.append(np.array([slots[v] for v in row["long_watch_seq"].split()], np.int32))
    shown, long = np.zeros(len(slots), np.int64), np.zeros(len(slots), np.int64)
    for seen, watched in zip(shown_before, long_before, strict=True):
        np.add.at(shown, seen, 1)
        np.add.at(long, seen[np.isin(seen, watched)], 1)
    events = [
        (users[row["user_id"]], slots[row["video_id"]], int(row["long_view"]))
        for row in rows(folder / "kuairand_pure_events.csv.gz")
        if row["user_id"] in users and row["video_id"] in slots and row["tab"] == "1"
    ]
    table = np.array(events)
    index = make_index(np.array(creators), np.array(tags), shown, long)
    return Log(index, long_before, shown_before, table[:, 0], table[:, 1], table[:, 2])


def load_kuairec(folder: Path) -> Log:
    """Load the KuaiRec sample; "long" is above the clip's own median watch ratio."""
    table = np.array(
        [
            (int(row["user_id"]), int(row["video_id"]), float(row["watch_ratio"]))
            for row in rows(folder / "kuairec_small_matrix_sample.csv.gz")
        ]
    )
    _, user = np.unique(table[:, 0], return_inverse=True)
    _, slot = np.unique(table[:, 1], return_inverse=True)
    is_long = (table[:, 2] >= 0.8).astype(int)
    is_test = np.random.default_rng(3).random(len(table)) < 0.2
    before = [(user == u) & ~is_test for u in range(user.max() + 1)]
    long_before = [slot[mask & (is_long == 1)].astype(np.int32) for mask in before]
    shown_before = [slot[mask].astype(np.int32) for mask in before]
    count = int(slot.max()) + 1
    shown = np.bincount(slot[~is_test], minlength=count)
    long = np.bincount(slot[~is_test], weights=is_long[~is_test], minlength=count).astype(int)
    index = make_index(np.arange(1, count + 1), np.zeros((count, 4), int), shown, long)
    return Log(index, long_before, shown_before, user[is_test], slot[is_test], is_long[is_test])


def rows(path: Path) -> Iterator[dict[str, str]]:
    """Read a packed table."""
    if not path.exists():
        sys.exit(f"{path} is missing: say with --data where the interaction logs are")
    with gzip.open(path, "rt") as file:
        yield from csv.DictReader(file)


if __name__ == "__main__":
    main()
