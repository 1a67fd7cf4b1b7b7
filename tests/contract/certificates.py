"""Certificates as an operator makes them for a broker and its devices: an authority, a server, devices, revocations."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = timedelta(days=1)


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


@dataclass
class Authority:
    folder: Path
    name: str
    revoked: list[x509.Certificate] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        subject = named(self.name)
        built = self._builder(subject, self._key.public_key(), days=30).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self.certificate = built.sign(self._key, hashes.SHA256())
        self.file = self.folder / f"{self.name}.crt"
        self.file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePublicKey, *, days: int) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        begin, end = (now - _DAY, now + days * _DAY) if days > 0 else (now + 2 * days * _DAY, now + days * _DAY)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(named(self.name))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(end)
        )

    def certify(self, common_name: str, file: str = "", *, days: int = 10) -> "Certified":
        """`days` it is good for; negative: it ended so long ago."""
        key = ec.generate_private_key(ec.SECP256R1())
        built = self._builder(named(common_name), key.public_key(), days=days).add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        certificate = built.sign(self._key, hashes.SHA256())
        stem = self.folder / (file or f"{self.name}-{common_name}-{days}")
        made = Certified(stem.with_suffix(".crt"), stem.with_suffix(".key"), certificate)
        made.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        made.key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.TraditionalOpenSSL,
                serialization.NoEncryption(),
            )
        )
        return made

    def write_revocations(self, file: Path) -> None:
        now = datetime.now(UTC)
        listed = x509.CertificateRevocationListBuilder().issuer_name(named(self.name))
        listed = listed.last_update(now - _DAY).next_update(now + 30 * _DAY)
        for gone in self.revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(gone.serial_number).revocation_date(now - _DAY)
            listed = listed.add_revoked_certificate(entry.build())
        file.write_bytes(listed.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


@dataclass(frozen=True)
class Certified:
    file: Path
    key_file: Path
    certificate: x509.Certificate
