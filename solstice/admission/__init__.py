"""Admission: each server protects itself, whatever a balancer sends.

`Admission` is the outermost layer of a server.  It knows requests only by the priority that a
label on their route gives them; it knows no product word, no database and no log.  Everything
but the layer itself is arithmetic without clock or event loop, tested in simulated time.

It trusts nobody: not the balancer to spread, not the client to wait, not itself to have measured
a capacity in advance.
"""

from solstice.admission.middleware import Admission
from solstice.admission.priority import Priority, RouteTable
from solstice.admission.settings import AdmissionSettings

__all__ = ["Admission", "AdmissionSettings", "Priority", "RouteTable"]
