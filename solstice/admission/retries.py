"""Retry grants: the server, not the client or the balancer, says who may try elsewhere.

A balancer's retry budget bounds retries in flight, not their rate: fast failures are all retried.
Here every success adds a tenth of a token and every grant takes one, so retries stay under 10 %
of successes whatever happens; when the whole place is overloaded none is granted.
Source: SRE book, chapter 21 (retry budget 10 %); gRPC proposal A6 (token ratio 0.1, 10 tokens).
"""

from dataclasses import dataclass

TOKENS_MAX = 10.0
TOKENS_PER_SUCCESS = 0.1


@dataclass(slots=True)
class RetryGrants:
    """A token bucket filled by successes."""

    tokens: float = TOKENS_MAX

    def note_success(self) -> None:
        """Earn a tenth of a retry."""
        self.tokens = min(TOKENS_MAX, self.tokens + TOKENS_PER_SUCCESS)

    def take(self, *, openness: float) -> bool:
        """Grant a retry elsewhere if one was earned and this place is not overloaded itself."""
        if openness < 0.5 or self.tokens < 1.0:  # noqa: PLR2004 - half closed is overloaded
            return False
        self.tokens -= 1.0
        return True
