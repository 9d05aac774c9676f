"""Machine text that looks like personal data and is none: ids, times, versions, hashes, paths, amounts.

For: the generator. Never: a value that would by chance be a valid card in a place where nothing says what it is;
such a
number is ambiguous and left out. Tests: `test_pii_corpus.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID

from .check_digits import luhn_digit
from .model import Maker, Piece, fill
from .values_dates import SHORT

Text = Callable[[Random], str]

_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def hexa(rng: Random, count: int) -> str:
    """`count` hexadecimal digits."""
    return f"{rng.getrandbits(4 * count):0{count}x}"


def moment(rng: Random) -> datetime:
    """A time of the last years, when something was logged."""
    return datetime(2021, 1, 1, tzinfo=UTC) + timedelta(
        seconds=rng.randrange(150_000_000), microseconds=rng.randrange(1_000_000)
    )


def day(rng: Random) -> date:
    """A day of the last years or the next."""
    return moment(rng).date() + timedelta(days=rng.randrange(900))


def _clf(t: datetime) -> str:
    return f"{t.day:02}/{SHORT['en'][t.month - 1]}/{t.year}:{t:%H:%M:%S} +0000"


def _digits_unlike_card(rng: Random, shape: str) -> str:
    while True:
        number = fill(rng, shape)
        if luhn_digit(number[:-1]) != number[-1]:
            return number


def _iso(rng: Random) -> str:
    t = moment(rng)
    return rng.choice(
        (
            f"{t:%Y-%m-%dT%H:%M:%S}Z",
            f"{t:%Y-%m-%dT%H:%M:%S.%f}Z",
            f"{t:%Y-%m-%dT%H:%M:%S}+01:00",
            f"{t:%Y-%m-%d %H:%M:%S},{rng.randint(0, 999):03}",
        )
    )


def _version4(rng: Random) -> str:
    return ".".join(str(rng.randint(0 if i else 1, top)) for i, top in enumerate((20, 30, 60, 250)))


def _log_time(rng: Random) -> str:
    t = moment(rng)
    return rng.choice(
        (f"{t:%m/%d/%Y %H:%M:%S}", f"{t:%m/%d/%Y, %H:%M:%S}", f"{t:%d/%m/%Y %H:%M}", f"{t:%m/%d/%Y %I:%M:%S %p}")
    )


def _tracking(rng: Random) -> str:
    return rng.choice(
        (
            fill(rng, "1Z&&&&&&%#########"),
            fill(rng, "9400111#############"),
            fill(rng, "^^#########^^"),
            fill(rng, "JD01##############"),
            fill(rng, "0034################"),
            fill(rng, "SF##########"),
        )
    )


def _part(rng: Random) -> str:
    return fill(
        rng,
        rng.choice(
            (
                "%##-%##-####-^",
                "%##-%##-####-^^",
                "^^-####-##",
                "^##-%##-%###",
                "##-#####-##^",
                "^^^####-###",
                "%###-###-####-##",
                "^^%##.###.####",
            )
        ),
    )


def _isbn(rng: Random) -> str:
    body = fill(rng, "978%########")
    total = sum(int(d) * (1, 3)[i % 2] for i, d in enumerate(body))
    n = body + str(-total % 10)
    return rng.choice((n, f"978-{n[3]}-{n[4:6]}-{n[6:12]}-{n[12]}", f"{n[3]}-{n[4:7]}-{n[7:12]}-X"))


def _row(rng: Random) -> str:
    gap = rng.choice((" ", "  ", "\t", ", "))
    return gap.join(str(rng.randint(1, rng.choice((9, 99, 999, 9999, 99999)))) for _ in range(rng.randint(4, 9)))


def _version(rng: Random) -> str:
    return ".".join(str(rng.randint(0, 30)) for _ in range(3))


def _agent(rng: Random) -> str:
    chrome = f"Mozilla/5.0 ({rng.choice(('Windows NT 10.0; Win64; x64', 'X11; Linux x86_64'))}) AppleWebKit/537.36"
    phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15"
    v, b = rng.randint(90, 130), rng.randint(4000, 6999)
    return rng.choice(
        (
            f"{chrome} (KHTML, like Gecko) Chrome/{v}.0.0.0 Safari/537.36",
            f"{chrome} (KHTML, like Gecko) Chrome/{v}.0.{b}.{b % 250} Safari/537.36 Edg/{v}.0.{b % 90}.{b % 70}",
            f"{phone} Version/17.{rng.randint(0, 6)} Mobile/15E148 Safari/604.1",
            f"curl/8.{rng.randint(0, 9)}.{rng.randint(0, 3)}",
            f"python-requests/2.{rng.randint(20, 32)}.{rng.randint(0, 3)}",
            f"okhttp/4.{rng.randint(8, 12)}.0",
        )
    )


def _package(rng: Random) -> str:
    name = rng.choice(
        ("react", "lodash", "@types/node", "vue", "@babel/core", "left-pad", "esbuild", "rxjs", "@scope/ui.kit")
    )
    return f"{name}@{rng.choice(('', '^', '~', 'v'))}{_version(rng)}{rng.choice(('', '', '-beta.1', '-rc.2'))}"


def _code_path(rng: Random) -> str:
    return rng.choice(
        (
            "std::vector<int>",
            "std::collections::HashMap",
            "a::b",
            "Foo::Bar::baz",
            "ns::c3::d4",
            "crate::net::tcp",
            "boost::asio::ip::tcp",
            "Net::HTTP::Tiny",
            "core::fmt::Debug",
            "abc::def::add",
            "face::bad::cafe",
            "App::Models::User",
            "T::default()",
            "u8::MAX",
            "std::array<int, 3>::size",
            "f32::consts::E",
        )
    )


def _money(rng: Random, style: str) -> str:
    whole, cents = rng.randint(1, 2_000_000), f"{rng.randint(0, 99):02}"
    if style == "plain":
        return f"{whole}.{cents}"
    if style == "de":
        return f"{whole:,}".replace(",", rng.choice((".", " ", ""))) + f",{cents} €"
    return rng.choice((f"${whole:,}.{cents}", f"USD {whole:,}.{cents}", f"£{whole}.{cents}", f"{whole:,}.{cents} EUR"))


def _coordinates(rng: Random) -> str:
    places = rng.randint(4, 7)
    return f"{rng.uniform(-90, 90):.{places}f},{rng.choice(('', ' '))}{rng.uniform(-180, 180):.{places}f}"


def _choice(*options: str) -> Text:
    return lambda rng: fill(rng, rng.choice(options))


def _when(form: Callable[[datetime], str]) -> Text:
    return lambda rng: form(moment(rng))


def _future(form: str) -> Text:
    return lambda rng: f"{day(rng):{form}}"


KINDS: dict[str, dict[str, Text]] = {
    "epoch seconds": {"epoch_s": lambda r: str(int(moment(r).timestamp()))},
    "epoch milliseconds": {"epoch_ms": lambda r: str(int(moment(r).timestamp() * 1000))},
    "epoch microseconds": {"epoch_us": lambda r: _digits_unlike_card(r, str(int(moment(r).timestamp())) + "######")},
    "UUID": {"uuid": lambda r: str(UUID(int=r.getrandbits(128), version=4))},
    "hash": {
        "sha1": lambda r: hexa(r, 40),
        "sha256": lambda r: hexa(r, 64),
        "md5": lambda r: hexa(r, 32),
        "short_sha": lambda r: hexa(r, r.choice((7, 8, 12))),
    },
    "trace id": {"trace": lambda r: hexa(r, r.choice((16, 32)))},
    "hex number": {
        "hex4": lambda r: hexa(r, 4),
        "hex6": lambda r: hexa(r, 6),
        "hex8": lambda r: hexa(r, 8),
        "hex10": lambda r: hexa(r, 10).upper(),
        "hexdump": lambda r: " ".join(hexa(r, 2) for _ in range(16)),
    },
    "base64": {"b64": lambda r: "".join(r.choice(_BASE64) for _ in range(43))},
    "ISO timestamp": {"iso_time": _iso, "iso_space": _when(lambda t: f"{t:%Y-%m-%d %H:%M:%S}")},
    "ISO date": {"iso_date": _future("%Y-%m-%d"), "date_compact": _future("%Y%m%d")},
    "log date and time": {
        "log_time": _log_time,
        "log_time_us": _when(lambda t: f"{t:%m/%d/%Y %H:%M:%S.%f}"),
        "clf_time": _when(_clf),
        "clf_bracket": _when(lambda t: f"{t:%Y/%m/%d %H:%M:%S}"),
        "apache_time": _when(lambda t: f"{t:%a %b %d %H:%M:%S.%f %Y}"),
        "syslog_time": _when(lambda t: f"{t:%b} {t.day:>2} {t:%H:%M:%S}"),
        "glog_time": _when(lambda t: f"{t:%m%d %H:%M:%S.%f}"),
        "rfc_date": _when(lambda t: f"{t:%a, %d %b %Y %H:%M:%S} +0200"),
    },
    "date of a document": {
        "date_slash": _future("%m/%d/%Y"),
        "date_due": _future("%m/%d/%Y"),
        "date_de": _future("%d.%m.%Y"),
        "date_nl": _future("%d-%m-%Y"),
    },
    "clock": {"clock": lambda r: f"{r.randint(0, 23):02}:{r.randint(0, 59):02}"},
    "version of four": {"version4": _version4},
    "version of five": {"version5": lambda r: f"{_version4(r)}.{r.randint(0, 9)}" + r.choice(("", ".1", ".12.3"))},
    "version": {"semver": _version, "section": lambda r: f"{r.randint(1, 9)}.{r.randint(1, 9)}.{r.randint(1, 9)}"},
    "decimal": {
        "decimal": lambda r: f"{r.uniform(0, 9999):.{r.randint(2, 9)}f}",
        "decimal_de": lambda r: f"{r.uniform(0, 9999):.3f}".replace(".", ","),
    },
    "money": {
        "money": lambda r: _money(r, "us"),
        "money_de": lambda r: _money(r, "de"),
        "money_plain": lambda r: _money(r, "plain"),
    },
    "percentage": {"percent": lambda r: f"{r.uniform(0, 100):.{r.randint(0, 3)}f}%"},
    "coordinates": {"coordinates": _coordinates},
    "part number": {"part_number": _part},
    "order id": {
        "order_id": _choice("#######", "%#########", "##-#####-#####", "%###########", "%##-#######-#######"),
        "invoice": _choice("RE-2024-#####", "INV-######", "2024/#####"),
        "ticket": _choice("INC#######", "ABC-####", "CS-2024-####"),
    },
    "order id of 16 digits": {
        "id16": lambda r: fill(r, "%###############"),
        "id16_bare": lambda r: _digits_unlike_card(r, "%###############"),
    },
    "tracking number": {"tracking": _tracking},
    "ten bare digits": {"digits10": _choice("%#########", "%#########", "2##5550###")},
    "snowflake id": {
        "snowflake": lambda r: _digits_unlike_card(
            r, r.choice(("1#################", "18#################", "9#################"))
        )
    },
    "MAC address": {
        "mac": lambda r: r.choice((":", ":", "-")).join(hexa(r, 2) for _ in range(6)),
        "eui64": lambda r: ":".join(hexa(r, 2) for _ in range(8)),
    },
    "code path": {"code_path": _code_path},
    "slice": {"slice": _choice("[%:%#]", "[::2]", "[%::%]", "[::-1]", "[%#:]", "[:, ::2]", "[%#::%, 0]")},
    "loopback address": {
        "loopback": _choice("127.0.0.1", "127.0.0.1", "127.0.1.1", "127.0.0.53"),
        "loopback6": _choice("::1", "0:0:0:0:0:0:0:1"),
    },
    "unspecified address": {"unspecified": _choice("0.0.0.0", "[::]")},
    "netmask": {
        "netmask": _choice(
            "255.255.255.0", "255.255.0.0", "255.255.255.128", "255.255.254.0", "255.0.0.0", "255.255.255.255"
        )
    },
    "package and version": {"package": _package},
    "scaled image": {
        "image_scale": _choice("logo@2x.png", "icon@3x.webp", "img/hero@2x.jpg", "btn_close@2x.gif", "map@1.5x.svg")
    },
    "decorator": {
        "decorator": _choice(
            "@app.route('/x')",
            "@Override",
            "@pytest.mark.slow",
            "@functools.wraps",
            "@media screen",
            "@Component.Builder",
        )
    },
    "user at host": {
        "user_host": _choice("root@web-0#", "deploy@localhost", "ubuntu@db##", "pi@raspberrypi"),
        "unit": _choice("user@1000", "getty@tty1", "serial-getty@ttyS0", "postgresql@15-main"),
    },
    "handle": {"handle": _choice("@alice", "@dev_team", "@k8s-bot", "@marie.d")},
    "object identity": {
        "java_object": lambda r: (
            r.choice(("java.lang.Object@", "[B@", "com.example.Conn@", "io.netty.Channel@")) + hexa(r, 8)
        )
    },
    "user agent": {"user_agent": _agent},
    "ISBN": {"isbn": _isbn},
    "EAN": {
        "ean": lambda r: _digits_unlike_card(
            r, r.choice(("40###########", "50###########", "76###########", "0############"))
        )
    },
    "CAS number": {"cas": _choice("7732-18-5", "64-17-5", "50-00-0", "7647-14-5", "1310-73-2", "67-64-1")},
    "GPU": {
        "gpu": _choice(
            "NVIDIA A100-SXM4-80GB", "Tesla V100-PCIE-16GB", "GeForce RTX 4090", "00000000:3B:00.0", "10DE:20B5"
        )
    },
    "file size": {"file_size": _choice("%##.## MB", "%,###,### bytes", "%####### B", "%.# GiB", "###K")},
    "port list": {
        "ports": _choice("80,443,8080", "22/tcp 80/tcp 443/tcp", "8000-8999", "3000:3000", "0:65535", "5432,6379,27017")
    },
    "HTTP range": {"range": _choice("0-%###", "%#####-%######", "%########-", "-500")},
    "table row of numbers": {"row": _row},
    "vehicle id": {"vin": lambda r: fill(r, "WVW^^^^^^&%######")},
    "flight": {"flight": _choice("LH###", "UA####", "BA 0###")},
    "container": {"container": _choice("MSKU#######", "TCLU ###### #")},
    "ZIP code": {"zip4": _choice("#####-####", "#####")},
    "cron": {"cron": _choice("*/5 * * * *", "0 3 1 * *", "15 14 1-7 * 2")},
}
"""Kind of decoy -> the slots that make it."""


def _maker(kind: str, text: Text) -> Maker:
    return lambda rng, language: Piece(text(rng), decoy=kind)


MAKERS: dict[str, Maker] = {slot: _maker(kind, text) for kind, slots in KINDS.items() for slot, text in slots.items()}
