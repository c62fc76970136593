"""What operations may want to know of the feed in memory."""

from prometheus_client import Counter, Gauge

from solstice.kit.metrics import REGISTRY

AGE_S = Gauge(
    "solstice_feed_age_seconds",
    "How long ago memory last followed the database; -1 before the first time",
    registry=REGISTRY,
)
VIDEOS = Gauge("solstice_feed_videos", "Videos a feed may show", registry=REGISTRY)
VIEWERS = Gauge("solstice_feed_viewers", "Viewers held in memory", registry=REGISTRY)
CARD_BYTES = Gauge("solstice_feed_card_bytes", "Memory of encoded cards", registry=REGISTRY)
BEACONS = Counter(
    "solstice_feed_beacons_total",
    "Beacon events by what became of them",
    ("outcome",),
    registry=REGISTRY,
)
