"""A local authority and its certificates: browsers' own rules are asked, through OpenSSL, without a socket."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import ExtendedKeyUsageOID
from fastapi import FastAPI, Request
from fastapi.responses import Response

from ledger.errors import LedgerError, UsageError
from ledger_web import authority_page, tls
from ledger_web.languages import reader_language
from ledger_web.problems import respond
from tests.cli.runner import Custody
from tests.web.phones import send

Client = Callable[[str, str], httpx.Response]
NOW = datetime.now(UTC)
HOSTS = ["192.168.1.20", "ledger.local"]


def made(folder: Path, hosts: list[str] = HOSTS, now: datetime = NOW) -> tls.Made:
    return tls.make(folder / "tls", hosts, now=now)


def trusted(authority: Path, certificate: Path, key: Path, host: str) -> bool:
    """Whether a client that has installed the authority, and nothing else, accepts the server under this name."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.load_verify_locations(cadata=authority.read_bytes())
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(back, there, server_hostname=host),
        server.wrap_bio(there, back, server_side=True),
    ]
    for _ in range(4):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLCertVerificationError:
                return False
    return ends[0].version() is not None


def certificates(folder: Path) -> tuple[x509.Certificate, x509.Certificate]:
    """The server's and the authority's, as the server sends them."""
    server, authority = x509.load_pem_x509_certificates((folder / "tls" / "server.crt").read_bytes())
    return server, authority


@pytest.mark.parametrize(
    ("hosts", "good", "bad"),
    [
        (HOSTS, ["192.168.1.20", "ledger.local"], ["192.168.1.21", "bank.example"]),
        (["192.168.1.20"], ["192.168.1.20"], ["ledger.local"]),
        (["ledger.local"], ["ledger.local"], ["192.168.1.20"]),
        (["fd00::5"], ["fd00::5"], ["fd00::6", "192.168.1.20"]),
        (["台账.local"], ["xn--kpr644k.local"], ["local"]),
    ],
)
def test_who_installs_the_authority_trusts_these_hosts(
    tmp_path: Path, hosts: list[str], good: list[str], bad: list[str]
) -> None:
    one = made(tmp_path, hosts)
    assert all(trusted(one.authority, one.certificate, one.key, host) for host in good)
    assert not any(trusted(one.authority, one.certificate, one.key, host) for host in bad)


@pytest.mark.parametrize("hosts", [HOSTS, ["192.168.1.20"], ["ledger.local"], ["fd00::5"]])
@pytest.mark.parametrize("victim", ["bank.example", "10.0.0.1", "fd00::7", "xledger.local"])
def test_a_stolen_authority_speaks_for_no_other_site(tmp_path: Path, hosts: list[str], victim: str) -> None:
    """Its key signs what it likes; what phones believe is limited in the certificate they installed."""
    one = made(tmp_path, hosts)
    _, authority = certificates(tmp_path)
    stolen = serialization.load_pem_private_key((tmp_path / "tls" / "authority.key").read_bytes(), None)
    key = serialization.load_pem_private_key(one.key.read_bytes(), None)
    false = tls._signed_server(key, authority, stolen, [victim], NOW, NOW + timedelta(days=30))  # type: ignore[arg-type]
    path = tmp_path / "false.crt"
    path.write_bytes(false.public_bytes(serialization.Encoding.PEM))
    assert not trusted(one.authority, path, one.key, victim)


def test_what_phones_ask_of_a_certificate(tmp_path: Path) -> None:
    made(tmp_path)
    server, authority = certificates(tmp_path)
    assert server.not_valid_after_utc - server.not_valid_before_utc <= timedelta(days=398)
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["ledger.local"]
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["192.168.1.20"]
    usage = server.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    for one, is_authority in ((server, False), (authority, True)):
        found = one.extensions.get_extension_for_class(x509.BasicConstraints)
        assert (found.value.ca, found.critical) == (is_authority, True)
        assert isinstance(one.signature_hash_algorithm, hashes.SHA256)
    limits = authority.extensions.get_extension_for_class(x509.NameConstraints)
    assert limits.critical
    assert authority.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0
    server.verify_directly_issued_by(authority)


def test_private_keys_are_private_and_stay(tmp_path: Path) -> None:
    first = made(tmp_path)
    folder = tmp_path / "tls"
    kept = {name: (folder / name).read_bytes() for name in ("authority.key", "authority.cer", "server.key")}
    for name in ("authority.key", "server.key"):
        assert (folder / name).stat().st_mode & 0o777 == 0o600
    second = made(tmp_path, ["ledger.local"], NOW + timedelta(days=300))
    assert (first.reused, second.reused) == (False, True)
    assert second.fingerprint == first.fingerprint
    assert {name: (folder / name).read_bytes() for name in kept} == kept
    assert second.until > first.until


def test_an_authority_is_for_the_hosts_it_was_made_for(tmp_path: Path) -> None:
    made(tmp_path)
    with pytest.raises(UsageError, match="--out"):
        made(tmp_path, ["10.0.0.1"])
    assert made(tmp_path, ["phone.ledger.local"]).reused  # a name below one of its own
    with pytest.raises(UsageError):
        made(tmp_path, ["xledger.local"])


def test_an_authority_ends(tmp_path: Path) -> None:
    made(tmp_path)
    late = made(tmp_path, HOSTS, NOW + timedelta(days=3600))
    assert late.until <= NOW + timedelta(days=3650)
    with pytest.raises(UsageError, match="has ended"):
        made(tmp_path, HOSTS, NOW + timedelta(days=3650))


@pytest.mark.parametrize("damage", ["gone", "other", "readable", "nonsense", "no certificate", "unlimited"])
def test_files_that_do_not_belong_together(tmp_path: Path, damage: str) -> None:
    made(tmp_path)
    key, certificate = tmp_path / "tls" / "authority.key", tmp_path / "tls" / "authority.cer"
    other = tls.make(tmp_path / "other", HOSTS, now=NOW)
    match damage:
        case "gone":
            key.unlink()
        case "other":
            key.write_bytes((tmp_path / "other" / "authority.key").read_bytes())
        case "readable":
            key.chmod(0o644)
        case "nonsense":
            key.write_bytes(b"nonsense")
        case "no certificate":
            certificate.write_bytes(b"nonsense")
        case "unlimited":
            private: Any = serialization.load_pem_private_key(key.read_bytes(), None)
            name = x509.Name([])
            unlimited = tls._builder(private, name, name, NOW, NOW + timedelta(days=30)).sign(
                private, hashes.SHA256()
            )
            certificate.write_bytes(unlimited.public_bytes(serialization.Encoding.DER))
    before = {path.name: path.read_bytes() for path in (tmp_path / "tls").iterdir()}
    with pytest.raises(UsageError) as refused:
        made(tmp_path)
    assert refused.value.field == "--out"
    assert {path.name: path.read_bytes() for path in (tmp_path / "tls").iterdir()} == before
    assert other.fingerprint


def test_what_was_cut_short_is_finished(tmp_path: Path) -> None:
    made(tmp_path)
    for name in ("authority.cer", "authority.crt", "server.crt"):
        (tmp_path / "tls" / name).unlink()
    key = (tmp_path / "tls" / "authority.key").read_bytes()
    again = made(tmp_path)
    assert (tmp_path / "tls" / "authority.key").read_bytes() == key
    assert trusted(again.authority, again.certificate, again.key, "ledger.local")


@pytest.mark.parametrize(
    "host",
    ["", " ", "http://ledger.local", "ledger.local:8443", "*.local", "a b", "-a.local", "a..b", "0.0.0.0", "::",  # noqa: S104 - refused
     "224.0.0.1", "fe80::1%eth0", "192.168.1", "1.2.3.4.5", "a" * 64, ".".join(["a" * 60] * 5), "../x", "a_b.local",
     "192.168.1.0/24", "\u202eledger.local"],
)  # fmt: skip
def test_names_that_are_none(tmp_path: Path, host: str) -> None:
    with pytest.raises(UsageError) as refused:
        made(tmp_path, [host])
    assert refused.value.field == "HOST"
    assert not (tmp_path / "tls").exists()


def test_the_command(tmp_path: Path) -> None:
    custody = Custody(tmp_path)
    first = custody.ok("tls", "make", *HOSTS, "--json").json
    assert first["url"] == "https://192.168.1.20:8420/tls"
    assert Path(first["authority"]) == tmp_path / "tls" / "authority.cer"
    shown = custody.ok("tls", "make", "fd00::5", "--out", tmp_path / "elsewhere", "--port", 443).out
    assert "https://[fd00::5]:443/tls" in shown
    assert "█" in shown
    assert custody.run("tls", "make", "10.0.0.1", "--json").error["field"] == "HOST"
    assert Custody(tmp_path / "no").run("tls", "make", "10.0.0.1", "--json").error["field"] == "--ledger"


# ---------------------------------------------------------------------- the page


@pytest.fixture
def client(tmp_path: Path) -> Client:
    app = FastAPI()
    app.include_router(authority_page.router)

    @app.exception_handler(LedgerError)
    def refused(request: Request, error: LedgerError) -> Response:
        return respond(error, reader_language(request.headers.get("accept-language")))

    authority_page.serve_authority(app, tmp_path / "tls")
    return lambda path, language: send(
        app, "GET", path, "https://ledger.local:8443", httpx.Cookies(), headers={"accept-language": language}
    )


def test_a_phone_gets_the_authority(client: Client, tmp_path: Path) -> None:
    one = made(tmp_path)
    answer = client("/tls/authority.cer", "zh")
    assert answer.content == one.authority.read_bytes()
    assert answer.headers["content-type"] == "application/x-x509-ca-cert"
    assert x509.load_pem_x509_certificate(client("/tls/authority.crt", "zh").content)
    zh, en = client("/tls", "zh").text, client("/tls", "en").text
    for page in (zh, en):
        assert one.fingerprint in page
        assert "<svg" in page
        assert "<script" not in page
        assert "style=" not in page
    assert "证书信任设置" in zh
    assert "Certificate Trust Settings" in en


def test_nothing_else_leaves_the_folder(client: Client, tmp_path: Path) -> None:
    assert {client(path, "zh").status_code for path in ("/tls", "/tls/authority.cer")} == {404}
    made(tmp_path)
    tricks = ("authority.%2e%2e%2fserver.key", "authority.cer/%2e%2e/server.key", "authority.key%00.cer")
    for path in ("authority.key", "server.key", "server.crt", *tricks):
        answer = client(f"/tls/{path}", "zh")
        assert answer.status_code == 404
        assert b"PRIVATE" not in answer.content
