"""A certificate authority of the tests, people of two companies, a stranger, and certificates gone bad."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from workbench.views.documents.signing import SigningKey

NOW = dt.datetime(2026, 11, 5, 15, 0, tzinfo=dt.UTC)
_DAY = dt.timedelta(1)


@dataclass(frozen=True)
class Person:
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def signing_key(self) -> SigningKey:
        return SigningKey(
            key=self.key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ),
            certificate=pem(self.certificate),
            chain=tuple(pem(one) for one in self.chain),
        )

    def pkcs12(self, passphrase: str) -> bytes:
        return serialization.pkcs12.serialize_key_and_certificates(
            b"key",
            self.key,
            self.certificate,
            list(self.chain),
            serialization.BestAvailableEncryption(passphrase.encode()),
        )


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _name(common: str, organisation: str, number: str = "") -> x509.Name:
    parts = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "CO"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
        x509.NameAttribute(NameOID.COMMON_NAME, common),
    ]
    if number:
        parts.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, number))
    return x509.Name(parts)


class Authority:
    """A root that the house trusts (or not) and an intermediate that signs people's certificates."""

    def __init__(self, name: str = "Certificadora de prueba") -> None:
        self._root_key = ec.generate_private_key(ec.SECP256R1())
        self._key = ec.generate_private_key(ec.SECP256R1())
        root_name = _name(f"{name} raíz", name)
        self._issuer = _name(f"{name} subordinada", name)
        self.root = self._certificate(
            root_name, self._root_key.public_key(), root_name, self._root_key, ca=True
        )
        self._subordinate = self._certificate(
            self._issuer, self._key.public_key(), root_name, self._root_key, ca=True
        )

    def person(
        self,
        common: str,
        organisation: str,
        number: str = "",
        *,
        start: dt.datetime = NOW - 30 * _DAY,
        end: dt.datetime = NOW + 335 * _DAY,
        may_sign: bool = True,
    ) -> Person:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._certificate(
            _name(common, organisation, number),
            key.public_key(),
            self._issuer,
            self._key,
            start=start,
            end=end,
            may_sign=may_sign,
        )
        return Person(key, certificate, (self._subordinate,))

    def revocation_list(self, *revoked: Person) -> bytes:
        """DER, as an authority publishes it: who was revoked two days ago."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self._issuer)
            .last_update(NOW - _DAY)
            .next_update(NOW + 30 * _DAY)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
            .add_extension(x509.CRLNumber(1), critical=False)
        )
        for person in revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(person.certificate.serial_number)
                .revocation_date(NOW - 2 * _DAY)
                .build()
            )
        made = builder.sign(self._key, hashes.SHA256())
        return made.public_bytes(serialization.Encoding.DER)

    def _certificate(
        self,
        subject: x509.Name,
        public_key: ec.EllipticCurvePublicKey,
        issuer: x509.Name,
        signer: ec.EllipticCurvePrivateKey,
        *,
        ca: bool = False,
        start: dt.datetime = NOW - 400 * _DAY,
        end: dt.datetime = NOW + 3000 * _DAY,
        may_sign: bool = True,
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
            )
            .add_extension(
                x509.KeyUsage(
                    digital_signature=may_sign and not ca,
                    content_commitment=may_sign and not ca,
                    key_encipherment=not may_sign,
                    data_encipherment=False,
                    key_agreement=False,
                    key_cert_sign=ca,
                    crl_sign=ca,
                    encipher_only=False,
                    decipher_only=False,
                ),
                critical=True,
            )
        )
        return builder.sign(signer, hashes.SHA256())


def stranger(common: str, organisation: str) -> Person:
    """Somebody who issued a certificate to themselves."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(common, organisation)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - _DAY)
        .not_valid_after(NOW + 300 * _DAY)
        .add_extension(
            x509.KeyUsage(True, True, False, False, False, False, False, False, False), critical=True
        )
        .sign(key, hashes.SHA256())
    )
    return Person(key, certificate)
