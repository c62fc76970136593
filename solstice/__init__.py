"""Solstice: the self-hosted short-video platform that does not go dark."""

import os

# Must be said before numpy is first imported.  A server has one core: helper threads of the
# linear algebra would only spin beside it, and a page's few thousand products need none.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
