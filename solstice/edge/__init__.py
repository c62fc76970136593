"""The edge: Envoy in front of the servers and the media process of one data center.

Typed values go in (`topology.py`), a complete and validated Envoy configuration
comes out (`configuration.py`), in files that are replaced in one step each
(`publish.py`).  Nobody edits the files by hand; Envoy re-reads them by itself.

Envoy's defaults suit a mesh inside a data center.  Every one of them that is
dangerous towards the internet is set here, with the reason beside it.

It knows no product word: where paths differ in time limits and priority, the
routes say so by path (`routes.py`).  It never decides who may do what.
"""

from solstice.edge.settings import EdgeSettings
from solstice.edge.topology import BadTopology, EdgeTopology, Endpoint, TlsFiles

__all__ = ["BadTopology", "EdgeSettings", "EdgeTopology", "Endpoint", "TlsFiles"]
