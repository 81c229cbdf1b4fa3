"""nginx and Caddy as `deploy/` sets them up, with no more changed than where they listen, what they are called and where their files lie."""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.ports import free_port

DEPLOY = Path(__file__).parents[1] / "deploy"
NAME = "localhost"
PATIENCE_SECONDS = 60


def program(name: str) -> str:
    """Where it is. Skips the test, saying why, where it is not installed."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed here: `make gateways` gets it")
    return found


def certificate(folder: Path) -> ssl.SSLContext:
    """A certificate for `localhost` that signs itself, in `fullchain.pem` and `privkey.pem`; gives what a client needs to trust it."""
    key, moment = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(x509.random_serial_number())
    made = made.not_valid_before(moment - dt.timedelta(hours=1)).not_valid_after(moment + dt.timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
    (folder / "fullchain.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    plain = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "privkey.pem").write_bytes(plain)
    return ssl.create_default_context(cafile=str(folder / "fullchain.pem"))


class Nginx:
    """`deploy/nginx.conf` in a folder of its own."""

    def __init__(self, folder: Path, *, service: int) -> None:
        self.program, self.folder, self.port = program("nginx"), folder, free_port()
        site = (DEPLOY / "nginx.conf").read_text(encoding="utf-8").replace("tugi.pood.ee", NAME)
        site = (
            site.replace(f"/etc/letsencrypt/live/{NAME}", str(folder)).replace("/var/log/nginx", str(folder)).replace("127.0.0.1:8000", f"127.0.0.1:{service}")
        )
        site = re.sub(r"^ *listen \[::\].*\n", "", site, flags=re.MULTILINE)
        site = site.replace("listen 443", f"listen 127.0.0.1:{self.port}").replace("listen 80;", f"listen 127.0.0.1:{free_port()};")
        (folder / "site.conf").write_text(site, encoding="utf-8")
        places = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        as_root = "user root; " if os.geteuid() == 0 else ""  # the folders of tests are their owner's alone
        whole = f"{as_root}daemon off; pid {folder}/pid; worker_processes 1; events {{}} http {{ {places} include {folder}/site.conf; }}"
        (folder / "nginx.conf").write_text(whole, encoding="utf-8")
        folder.chmod(0o755)

    def command(self, *words: str) -> list[str]:
        return [self.program, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", str(self.folder / "error.log"), *words]

    @property
    def check(self) -> list[str]:
        return self.command("-t")

    @property
    def run(self) -> list[str]:
        return self.command()


class Caddy:
    """`deploy/Caddyfile`, with a certificate of ours in the place of one from Let's Encrypt."""

    def __init__(self, folder: Path, *, service: int) -> None:
        self.program, self.folder, self.port = program("caddy"), folder, free_port()
        site = (DEPLOY / "Caddyfile").read_text(encoding="utf-8").replace("/var/log/caddy", str(folder)).replace("127.0.0.1:8000", f"127.0.0.1:{service}")
        own = f"tugi.pood.ee {{\n\ttls {folder}/fullchain.pem {folder}/privkey.pem"
        site = site.replace("tugi.pood.ee {", own, 1).replace("tugi.pood.ee", f"https://{NAME}:{self.port}")
        options = f"{{\n\tadmin off\n\tauto_https disable_redirects\n\tstorage file_system {folder}/storage\n"
        site = site.replace("{\n", options, 1).replace("grace_period 10s", "grace_period 1s")
        (folder / "Caddyfile").write_text(site, encoding="utf-8")

    @property
    def check(self) -> list[str]:
        return [self.program, "validate", "--adapter", "caddyfile", "--config", str(self.folder / "Caddyfile")]

    @property
    def run(self) -> list[str]:
        return [self.program, "run", "--adapter", "caddyfile", "--config", str(self.folder / "Caddyfile")]


@contextmanager
def running(gateway: Nginx | Caddy) -> Iterator[None]:
    """The program serves while the block runs."""
    with (gateway.folder / "said").open("w") as said:
        process = subprocess.Popen(gateway.run, stdout=said, stderr=said, env={"HOME": str(gateway.folder), "PATH": "/usr/bin:/bin"})
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not _listens(gateway.port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("it did not start:\n" + (gateway.folder / "said").read_text(encoding="utf-8")[-2_000:])
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_SECONDS)


def _listens(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0
