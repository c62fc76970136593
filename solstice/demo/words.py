"""What people say under anybody's clip, and how creators answer."""

REMARKS = (
    "okay, this made my day",
    "how is this only eight seconds",
    "watched it four times, five with this one",
    "sent this to my sister",
    "the loop is perfect, I did not notice it at first",
    "more of this please",
    "did not know I needed this",
    "sound on, everybody",
    "I came from the hashtag and I am staying",
    "the colours!",
    "saved for a bad day",
    "this belongs on a very large screen",
    "what did you make this with?",
    "quietly the best thing on my feed",
    "following, obviously",
    "my coffee got cold, thanks",
    "ok but the sound",
    "who is cutting onions",
    "this deserves more likes",
    "tiny applause from the night shift",
)

ANSWERS = (
    "thank you! more next week",
    "you are too kind",
    "numpy, patience and tea",
    "ha, noted for the next one",
    "this comment made MY day",
    "working on a longer one!",
)

ECHOES = (
    "same here",
    "agreed",
    "came here to say this",
    "ha!",
    "I feel seen",
)
