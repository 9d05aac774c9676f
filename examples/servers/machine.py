"""Machine text that looks like personal data and is none: identifiers, hashes, versions, epochs, near misses.

Everything follows from its seed, so a second recording has the same bytes. It must never produce a value of
``people.LABELS``. Tests: tests/unit/test_examples.py.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, datetime, timedelta

START = datetime(2024, 7, 1, 9, 0, 0, tzinfo=UTC)

# Each fails a check that the real thing passes: Luhn, mod-97, SSN area, octet range, the shape of a version number.
NEAR_MISSES: tuple[str, ...] = (
    "card probe 4111 1111 1111 1112 rejected: checksum",
    "iban probe DE88 3704 0044 0532 0130 00 rejected: checksum",
    "ssn probe 000-12-3456 rejected: area",
    "ssn probe 666-45-6789 rejected: area",
    "upstream 256.300.1.2 rejected: not an address",
    "part 657-312-9462-A restocked in bin 12-0045-9",
    "agent build 1.2.3.4.5 replaced v1.2.3.4",
    "listening on 127.0.0.1:8080 and [::1]:8080, bound 0.0.0.0",
    "License agreement accepted, passport office closed, medical record number missing",
    "ratio 0.123456789 mean 3141592653.589793 at 07/01/2024 09:00:12",
)


def digest(seed: str) -> str:
    """A hash, the way build and commit ids look."""
    return hashlib.sha256(seed.encode()).hexdigest()


def identifier(seed: str) -> str:
    """A UUID."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://example.com/{seed}"))


def moment(step: int) -> datetime:
    """The time of event number `step`."""
    return START + timedelta(milliseconds=7_919 * step)


def log_line(step: int, service: str, event: str) -> str:
    """One structured log line around `event`."""
    at = moment(step)
    stamp = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    trace = identifier(f"{service}/{step}")
    return (
        f"{stamp} INFO {service} {event} trace={trace} epoch_ms={int(at.timestamp() * 1000)} "
        f"took={step % 97}.{step % 10}ms commit={digest(service)[:40]} version=2.{step % 31}.{step % 7}"
    )


def quiet_event(step: int) -> str:
    """What a service says when nobody's data is involved."""
    near_miss = NEAR_MISSES[step // 3 % len(NEAR_MISSES)]
    return (f"order=ORD-2024-{step:06d} state=paid", near_miss, f"cache miss key={digest(str(step))[:16]}")[step % 3]
