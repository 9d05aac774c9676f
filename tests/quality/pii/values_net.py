"""IP addresses: IPv4, and IPv6 in every written form of RFC 4291 section 2.2.

For: the generator. Never: makes loopback, unspecified, multicast or netmask addresses; those are decoys or left
out.
Tests: `test_pii_corpus.py` reads each back with the standard library's `ipaddress`.
"""

from __future__ import annotations

from random import Random

from .model import Piece


def ipv4_text(rng: Random) -> str:
    """An address a host can have: public, private or from a documentation range."""
    match rng.randrange(6):
        case 0:
            return f"192.0.2.{rng.randint(1, 254)}"
        case 1:
            return f"198.51.100.{rng.randint(1, 254)}"
        case 2:
            return f"10.{rng.randint(0, 255)}.{rng.randint(0, 255)}.{rng.randint(1, 254)}"
        case 3:
            return f"192.168.{rng.randint(0, 255)}.{rng.randint(1, 254)}"
        case _:
            first = rng.choice([n for n in range(1, 224) if n not in (10, 127)])
            return f"{first}.{rng.randint(0, 255)}.{rng.randint(0, 255)}.{rng.randint(1, 254)}"


def _groups(rng: Random, count: int) -> list[str]:
    """`count` hexadecimal groups without leading zeros."""
    return [f"{rng.randint(1, rng.choice((255, 0xFFFF))):x}" for _ in range(count)]


def ipv6_text(rng: Random) -> str:
    """An address of a host in one of the written forms."""
    head = rng.choice(("2001:db8", "2001:db8", "2a02:8071", "fd00:1", "2606:4700"))
    match rng.randrange(7):
        case 0:
            text = head + ":" + ":".join(_groups(rng, 6))
        case 1:  # zeros run in the middle
            text = head + "::" + ":".join(_groups(rng, rng.randint(1, 4)))
        case 2:
            text = head + ":" + ":".join(_groups(rng, 2)) + "::" + ":".join(_groups(rng, rng.randint(1, 2)))
        case 3:  # all leading zeros written
            text = ":".join(g.rjust(4, "0") for g in (head.split(":") + _groups(rng, 6)))
        case 4:  # IPv4-mapped, and the translation prefix of RFC 6052
            text = rng.choice(("::ffff:", "64:ff9b::")) + ipv4_text(rng)
        case 5:  # link-local
            text = "fe80::" + ":".join(_groups(rng, 4))
        case _:  # zeros written as 0
            text = head + ":0:0:0:0:" + ":".join(_groups(rng, 2))
    return text.upper() if rng.random() < 0.12 else text


def ipv4(rng: Random, language: str) -> Piece:
    """An IPv4 address."""
    return Piece(ipv4_text(rng), "ip_address")


def ipv6(rng: Random, language: str) -> Piece:
    """An IPv6 address."""
    return Piece(ipv6_text(rng), "ip_address")


def ip(rng: Random, language: str) -> Piece:
    """An address of either version."""
    return ipv4(rng, language) if rng.random() < 0.6 else ipv6(rng, language)
