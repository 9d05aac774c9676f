"""TLS for real Redis servers in tests: an authority, certificates of a server and a client, and who uses them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from gw_tests import missing
from redis_servers import Server


def sign(folder: Path) -> None:
    """An authority, and certificates of a server and a client that it has signed."""
    if shutil.which("openssl") is None:
        missing("openssl is not installed")

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    new += ("-addext", "keyUsage=digitalSignature,keyCertSign")  # Python 3.13 asks for it
    openssl("req", "-x509", *new, "-subj", "/CN=test authority", "-keyout", "ca.key", "-out", "ca.crt")
    for name, usage in (("server", "subjectAltName=DNS:localhost"), ("client", "subjectAltName=DNS:client")):
        signed = ("-CA", "ca.crt", "-CAkey", "ca.key", "-addext", usage)
        openssl("req", "-x509", *new, "-subj", f"/CN={name}", *signed, "-keyout", f"{name}.key", "-out", f"{name}.crt")


def speaks_tls(server: Server, certificates: Path, *more: str) -> Server:
    """The server, not started yet; it will speak TLS only, and want a certificate of its clients."""
    server.command += [
        "--port", "0", "--tls-port", str(server.port), "--tls-ca-cert-file", str(certificates / "ca.crt"),
        "--tls-cert-file", str(certificates / "server.crt"), "--tls-key-file", str(certificates / "server.key"), *more,
    ]  # fmt: skip
    return server


def of_client(certificates: Path) -> dict[str, str]:
    """What the configuration of a limiter says."""
    return {
        "redis_ssl_ca_certs": str(certificates / "ca.crt"),
        "redis_ssl_certfile": str(certificates / "client.crt"),
        "redis_ssl_keyfile": str(certificates / "client.key"),
    }
