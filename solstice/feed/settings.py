"""How the feed is kept in memory and composed."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class FeedSettings:
    """For You, Following and the beacons that teach them."""

    page_size: int = 8
    page_size_max: int = 24
    refresh_every_s: float = 1.0
    """How often the index asks the database for what changed."""
    pools_every_s: float = 20.0
    """How often candidates are pooled anew from the whole index, in a thread."""
    reload_every_s: float = 1800.0
    """The whole index is read anew this often: whatever a refresh missed ends here."""
    first_load_wait_s: float = 8.0
    """A server whose database is away starts from its snapshot after this long."""
    snapshot_every_s: float = 60.0
    cards_bytes_max: int = 224 * 1024 * 1024
    """A card takes about 1.5 KB: 10⁵ of them fit, beyond that the least used are read again."""
    viewers_bytes_max: int = 128 * 1024 * 1024
    """A viewer takes 2 to 60 KB; the least recently seen are forgotten and read again."""
    beacons_buffered_max: int = 20_000
    flush_every_s: float = 0.5
    view_again_s: float = 1800.0
    """One viewer's second watch of a video counts as a view again after half an hour."""
    views_per_network_hour_max: int = 1500
    """Anonymous views counted from one network; a household watches a few hundred an hour."""
    views_per_account_hour_max: int = 900
    """A view takes at least two seconds; more than one every four seconds is no person."""
    history_kept_s: float = 60.0
    """Beacons stay apart this long before they are folded, so that every server has read them."""
