"""A certificate authority of one's own, and a server certificate by it, for phones on a local network.

    made = make(folder, ["192.168.1.20", "ledger.local"], now=datetime.now(UTC))
    made.authority         # DIR/authority.cer, to be installed on phones
    made.certificate       # DIR/server.crt and DIR/server.key, for `custody serve --tls-cert … --tls-key …`

Browsers give keys and offline pages only to what they trust, so phones without a proxy or a public name need this. An
authority that people install can speak for any site in the world unless it says otherwise, so this one does: its name
constraints (RFC 5280 section 4.2.1.10) are the hosts it was made for, and it signs servers alone. Its key is written
once, readable by its owner, and used again; nothing overwrites it, since every phone would have to be visited again.
The server's certificate is made anew each time, with the same key, for 397 days: phones refuse longer ones.

It stands in this room and not on a floor below because nothing of it is about the ledger: what is recorded would be the
same over another wire. The mathematics and the encoding are the `cryptography` package's.

>>> names(["192.168.1.20", "Ledger.local", "台账.local"])
('192.168.1.20', 'ledger.local', 'xn--kpr644k.local')
"""

from __future__ import annotations

import re
import stat
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Final, NamedTuple

import idna
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ledger.errors import UsageError
from ledger.messages import Message
from ledger.store.faults import translated
from ledger.store.files import sync_directory, write_new

AUTHORITY_DAYS: Final = 3650
SERVER_DAYS: Final = 397
"""One less than the 398 that phones take, for those who count both ends."""
MOST_HOSTS: Final = 50
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_EARLIER = timedelta(hours=1)
"""Phones whose clock is behind should trust it all the same."""

Address = IPv4Address | IPv6Address


class Made(NamedTuple):
    """What there is now."""

    authority: Path
    """The authority's certificate, DER: what phones take."""
    certificate: Path
    key: Path
    fingerprint: str
    """SHA-256 of the authority's certificate, as phones show it."""
    reused: bool
    """Whether the authority was there before, so that phones need nothing new."""
    until: datetime
    hosts: tuple[str, ...]


def names(hosts: Sequence[str]) -> tuple[str, ...]:
    """Host names and addresses as certificates carry them, each once. Raises: UsageError for what is none."""
    found = tuple(dict.fromkeys(_name(host.strip()) for host in hosts))
    if not 1 <= len(found) <= MOST_HOSTS:
        raise UsageError(
            "name 1 to {most_hosts} hosts: the names or addresses phones will use",
            most_hosts=MOST_HOSTS,
            field="HOST",
        )
    return found


def make(directory: Path, hosts: Sequence[str], *, now: datetime) -> Made:
    """An authority, unless it is there, and a server certificate by it.

    Raises: UsageError for hosts the authority may not speak for, and when its files do not belong together.
    """
    wanted = names(hosts)
    with translated(directory):
        if not directory.exists():
            directory.mkdir(mode=0o700, parents=True)
            sync_directory(directory.parent)
        reused = (directory / "authority.cer").exists()
        key = _private_key(directory / "authority.key", expected=reused)
        authority = _authority(directory / "authority.cer", key, wanted, now)
        _require_within(directory, authority, wanted, now)
        if not (directory / "authority.crt").exists():
            write_new(directory / "authority.crt", authority.public_bytes(serialization.Encoding.PEM))
        server_key = _private_key(directory / "server.key")
        until = min(now + timedelta(days=SERVER_DAYS) - _EARLIER, authority.not_valid_after_utc)
        certificate = _signed_server(server_key, authority, key, wanted, now, until)
        chain = b"".join(one.public_bytes(serialization.Encoding.PEM) for one in (certificate, authority))
        write_new(directory / "server.crt", chain, replace=True)
    return Made(
        directory / "authority.cer",
        directory / "server.crt",
        directory / "server.key",
        fingerprint(authority.public_bytes(serialization.Encoding.DER)),
        reused,
        until,
        wanted,
    )


def fingerprint(der: bytes) -> str:
    """SHA-256 of a certificate in pairs of digits, as phones show it.

    Raises: ValueError when it is none.
    """
    digest = x509.load_der_x509_certificate(der).fingerprint(hashes.SHA256())
    return digest.hex(" ").upper()


# ---------------------------------------------------------------------- names


def _name(text: str) -> str:
    remedy = Message("give a name or an address alone, such as ledger.local or 192.168.1.20")
    try:
        address = ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        return _dns_name(text, remedy)
    if (
        address.is_unspecified
        or address.is_multicast
        or (isinstance(address, IPv6Address) and address.scope_id)
    ):
        raise UsageError(
            "{text} is not the address of one machine: {remedy}", text=text, remedy=remedy, field="HOST"
        )
    return str(address)


def _dns_name(text: str, remedy: str) -> str:
    lowered = text.lower().removesuffix(".")
    try:
        encoded = idna.encode(lowered, uts46=True).decode("ascii") if not lowered.isascii() else lowered
    except idna.IDNAError as error:
        raise UsageError(
            "{text!r} is no host name ({error}): {remedy}",
            text=text,
            error=error,
            remedy=remedy,
            field="HOST",
        ) from error
    labels = encoded.split(".")
    good = len(encoded) <= 253 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()
    if not good:
        raise UsageError("{text!r} is no host name: {remedy}", text=text, remedy=remedy, field="HOST")
    return encoded


def _address(name: str) -> Address | None:
    try:
        return ip_address(name)
    except ValueError:
        return None


def _general(name: str) -> x509.GeneralName:
    address = _address(name)
    return x509.DNSName(name) if address is None else x509.IPAddress(address)


# ---------------------------------------------------------------------- keys


def _private_key(path: Path, *, expected: bool = False) -> EllipticCurvePrivateKey:
    """The key of a file, made if there is none. Raises: UsageError."""
    if not path.exists():
        if expected:
            raise UsageError(
                "{path_name} is gone, its certificate is there: put it back, or make another authority with --out",
                path_name=path.name,
                field="--out",
            )
        made = generate_private_key(SECP256R1())
        pem = made.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        try:
            write_new(path, pem, mode=0o600)
        except FileExistsError as error:
            raise UsageError("{path} was made just now by another process: try again", path=path) from error
        return made
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UsageError(
            "{path} may be read by others: chmod 600 {path_name}, if nobody has",
            path=path,
            path_name=path.name,
            field="--out",
        )
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError) as error:
        raise UsageError(
            "{path} is no private key: put the right file back", path=path, field="--out"
        ) from error
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise UsageError("{path} is no P-256 key: use another folder with --out", path=path, field="--out")
    return key


# ---------------------------------------------------------------------- certificates


def _authority(
    path: Path, key: EllipticCurvePrivateKey, hosts: Sequence[str], now: datetime
) -> x509.Certificate:
    """The certificate of a file, made if there is none. Raises: UsageError."""
    if path.exists():
        try:
            found = x509.load_der_x509_certificate(path.read_bytes())
        except ValueError as error:
            raise UsageError(
                "{path} is no certificate: put the right file back", path=path, field="--out"
            ) from error
        if found.public_key() != key.public_key():
            raise UsageError(
                "{path_name} and authority.key do not belong together", path_name=path.name, field="--out"
            )
        return found
    name = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, f"Custody Ledger {hosts[0][:40]} {now:%Y-%m-%d}")]
    )
    made = _builder(key, name, name, now, now + timedelta(days=AUTHORITY_DAYS))
    for extension, critical in (
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (_usage(signs_certificates=True), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (_constraints(hosts), True),
    ):
        made = made.add_extension(extension, critical)
    certificate = made.sign(key, hashes.SHA256())
    write_new(path, certificate.public_bytes(serialization.Encoding.DER))
    return certificate


def _constraints(hosts: Sequence[str]) -> x509.NameConstraints:
    """The hosts and nothing else. Of a kind of name that is not mentioned all would be allowed."""
    addresses = [address for name in hosts if (address := _address(name)) is not None]
    dns = [x509.DNSName(name) for name in hosts if _address(name) is None]
    networks = [x509.IPAddress(ip_network(address)) for address in addresses]
    none = [x509.IPAddress(IPv4Network("0.0.0.0/0")), x509.IPAddress(IPv6Network("::/0"))]
    return x509.NameConstraints(
        permitted_subtrees=[*(dns or [x509.DNSName("invalid")]), *networks],
        excluded_subtrees=None if networks else none,
    )


def _signed_server(
    key: EllipticCurvePrivateKey,
    authority: x509.Certificate,
    authority_key: EllipticCurvePrivateKey,
    hosts: Sequence[str],
    now: datetime,
    until: datetime,
) -> x509.Certificate:
    # No host name: where only addresses are allowed, verifiers hold a name in this place against the certificate.
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Custody Ledger")])
    made = _builder(key, name, authority.subject, now, until)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    for extension, critical in (
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_usage(signs_certificates=False), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.SubjectAlternativeName([_general(host) for host in hosts]), False),
        (issuer, False),
    ):
        made = made.add_extension(extension, critical)
    return made.sign(authority_key, hashes.SHA256())


def _builder(
    key: EllipticCurvePrivateKey, subject: x509.Name, issuer: x509.Name, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _require_within(
    directory: Path, authority: x509.Certificate, hosts: Sequence[str], now: datetime
) -> None:
    """Raises: UsageError when the authority has ended, or was made for other hosts."""
    if authority.not_valid_after_utc - now < timedelta(days=1):
        raise UsageError(
            "the authority in {directory} has ended: make another with --out",
            directory=directory,
            field="--out",
        )
    try:
        limits = (
            authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
        )
    except x509.ExtensionNotFound as error:
        raise UsageError(
            "the authority in {directory} may speak for any site, so it is not used: make another with --out",
            directory=directory,
            field="--out",
        ) from error
    allowed = [str(limit.value).partition("/")[0] for limit in limits]
    for host in hosts:
        if not any(_inside(host, one) for one in allowed):
            raise UsageError(
                "the authority in {directory} was made for {allowed}, not for {host}: make another with "
                "--out, and install that on the phones",
                directory=directory,
                allowed=", ".join(allowed),
                host=host,
                field="HOST",
            )


def _inside(host: str, limit: str) -> bool:
    return host == limit or (_address(host) is None and host.endswith(f".{limit}"))
