"""Time stamps of RFC 3161: an authority signs that it has seen a head's hash at its own time.

The token is CMS SignedData (RFC 5652). What is checked: the answer is to our question (imprint, nonce), the signature is over
these signed attributes and they over this content, the signer's certificate is the one they name (RFC 5816), it is made for
time stamping and for nothing else, was valid then, and leads to a certificate that the deployment trusts.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha1, sha256, sha384, sha512
from pathlib import Path
from typing import Any

import requests
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from agencies.register_log.port import AnchorFailed, Held, Noted, Wrong
from core import der
from core.i18n import _l
from core.merkle import Tree

SHA256, SIGNED_DATA, TST_INFO = "2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE, MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
SIGNING_CERTIFICATE, SIGNING_CERTIFICATE_2 = "1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47"
DIGESTS: dict[str, tuple[Any, hashes.HashAlgorithm]] = {
    SHA256: (sha256, hashes.SHA256()),
    "2.16.840.1.101.3.4.2.2": (sha384, hashes.SHA384()),
    "2.16.840.1.101.3.4.2.3": (sha512, hashes.SHA512()),
}
RSA_PSS = "1.2.840.113549.1.1.10"
EXPLICIT_0, EXPLICIT_1, KEY_0 = 0xA0, 0xA1, 0x80
TIMEOUT = (5, 20)
MOST = 256 * 1024
DEEPEST = 5
# What reading a stranger's bytes may end in, here and in the library that reads certificates.
MALFORMED = (
    ValueError,
    IndexError,
    TypeError,
    OverflowError,
    x509.ExtensionNotFound,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
    UnsupportedAlgorithm,
)


class WrongToken(ValueError):
    """The time stamp does not prove what it should; the message says why, in English, for the operator's log."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a verified token says."""

    at: datetime
    serial: int
    signer: x509.Certificate


def request(digest: bytes, nonce: int) -> bytes:
    """TimeStampReq over a SHA-256 digest; the authority is asked to send its certificate along."""
    algorithm = der.sequence(der.name(SHA256), der.write(der.NULL))
    imprint = der.sequence(algorithm, der.write(der.OCTETS, digest))
    return der.sequence(der.integer(1), imprint, der.integer(nonce), der.write(der.BOOLEAN, b"\xff"))


def token_of(answer: bytes) -> bytes:
    """The token in a TimeStampResp.

    :raises WrongToken: when the authority refused.
    """
    try:
        status, *rest = der.read(answer).parts()
        granted = status.parts()[0].number()
    except (ValueError, IndexError):
        raise WrongToken("the answer is no time stamp response") from None
    if granted not in (0, 1) or not rest:
        raise WrongToken(f"the authority refused (status {granted})")
    return rest[0].whole


def verify(token: bytes, data: bytes, *, trusted: Sequence[x509.Certificate], nonce: int | None = None) -> Stamp:
    """Check a token over ``data``.

    :param nonce: the one that was asked with; not known any more when a kept token is checked again.
    :raises WrongToken: saying what is wrong.
    """
    try:
        return _verify(token, data, trusted, nonce)
    except WrongToken:
        raise
    except MALFORMED as error:
        raise WrongToken("the token is malformed") from error


def _verify(token: bytes, data: bytes, trusted: Sequence[x509.Certificate], nonce: int | None) -> Stamp:
    kind, wrapped = der.read(token).parts()
    if kind.name() != SIGNED_DATA:
        raise WrongToken("the token is no signed data")
    _version, _digests, content, *rest = wrapped.only().parts()
    content_kind, octets = content.parts()
    if content_kind.name() != TST_INFO:
        raise WrongToken("the token holds no time stamp")
    info = octets.only().content
    certificates = _certificates(der.by_tag(rest, EXPLICIT_0))
    signers = rest[-1].parts()
    if rest[-1].tag != der.SET or len(signers) != 1:
        raise WrongToken("the token must have one signer")
    at, serial = _info(info, data, nonce)
    signer = _signature(signers[0], info, certificates)
    _made_for_time_stamps(signer)
    _chain(signer, certificates, trusted, at)
    return Stamp(at, serial, signer)


def _certificates(found: der.Value | None) -> list[x509.Certificate]:
    parts = found.parts() if found else []
    return [x509.load_der_x509_certificate(part.whole) for part in parts if part.tag == der.SEQUENCE]


def _info(info: bytes, data: bytes, nonce: int | None) -> tuple[datetime, int]:
    """TSTInfo: version, policy, imprint, serial, time, then what is optional."""
    version, _policy, imprint, serial, when, *more = der.read(info).parts()
    algorithm, digest = imprint.parts()
    if version.number() != 1 or algorithm.parts()[0].name() != SHA256 or digest.content != sha256(data).digest():
        raise WrongToken("the time stamp is over something else")
    told = der.by_tag(more, der.INTEGER)
    if nonce is not None and (told is None or told.number() != nonce):
        raise WrongToken("the nonce is another one: this is the answer to another question")
    if when.tag != der.TIME:
        raise WrongToken("the time stamp has no time")
    text = when.content.decode("ascii")
    form = "%Y%m%d%H%M%S.%fZ" if "." in text else "%Y%m%d%H%M%SZ"
    return datetime.strptime(text, form).replace(tzinfo=UTC), serial.number()


def _signature(signer: der.Value, info: bytes, certificates: Sequence[x509.Certificate]) -> x509.Certificate:
    """The certificate whose key signed, once the signature and the signed attributes are found to be right."""
    _version, who, digest_algorithm, *rest = signer.parts()
    attributes = der.by_tag(rest, EXPLICIT_0)
    if attributes is None:
        raise WrongToken("the token has no signed attributes")
    after = rest[rest.index(attributes) + 1 :]
    signature_algorithm, signature = after[0], after[1]
    known = DIGESTS.get(digest_algorithm.parts()[0].name())
    if known is None:
        raise WrongToken("the token uses a digest that is not accepted")
    values = {a.parts()[0].name(): a.parts()[1].only() for a in attributes.parts()}
    if CONTENT_TYPE not in values or values[CONTENT_TYPE].name() != TST_INFO:
        raise WrongToken("the signed content type is another one")
    if MESSAGE_DIGEST not in values or values[MESSAGE_DIGEST].content != known[0](info).digest():
        raise WrongToken("the signature is over another content")
    certificate = _named(who, certificates)
    _same_certificate(values, certificate)
    # The attributes travel as [0] IMPLICIT; what is signed is their SET OF.
    signed = b"\x31" + attributes.whole[1:]
    _check_signature(certificate, signature.content, signed, known[1], signature_algorithm.parts()[0].name())
    return certificate


def _named(who: der.Value, certificates: Sequence[x509.Certificate]) -> x509.Certificate:
    for certificate in certificates:
        if who.tag == der.SEQUENCE:
            issuer, serial = who.parts()
            if certificate.issuer.public_bytes() == issuer.whole and certificate.serial_number == serial.number():
                return certificate
        elif who.tag == KEY_0:
            key = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
            if key.digest == who.content:
                return certificate
    raise WrongToken("the signer's certificate is not in the token")


def _same_certificate(values: dict[str, der.Value], certificate: x509.Certificate) -> None:
    """The signed attributes name the certificate by its hash, so that it can't be exchanged for another of the same key."""
    raw = certificate.public_bytes(serialization.Encoding.DER)
    if SIGNING_CERTIFICATE_2 in values:
        first = values[SIGNING_CERTIFICATE_2].parts()[0].parts()[0].parts()
        named = first[0].tag == der.SEQUENCE
        algorithm = DIGESTS.get(first[0].parts()[0].name()) if named else DIGESTS[SHA256]
        told = first[1 if named else 0].content
        if algorithm is None or told != algorithm[0](raw).digest():
            raise WrongToken("the signed attributes name another certificate")
    elif SIGNING_CERTIFICATE in values:
        told = values[SIGNING_CERTIFICATE].parts()[0].parts()[0].parts()[0].content
        if told != sha1(raw).digest():  # noqa: S324 -- the older form of RFC 2634 has no other
            raise WrongToken("the signed attributes name another certificate")
    else:
        raise WrongToken("the signed attributes name no certificate")


def _check_signature(
    certificate: x509.Certificate, signature: bytes, signed: bytes, algorithm: hashes.HashAlgorithm, kind: str
) -> None:
    key = certificate.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey) and kind != RSA_PSS:
            key.verify(signature, signed, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed, ec.ECDSA(algorithm))
        else:
            raise WrongToken("the signature is of a kind that is not accepted")
    except InvalidSignature:
        raise WrongToken("the signature is wrong") from None


def _made_for_time_stamps(certificate: x509.Certificate) -> None:
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise WrongToken("the certificate is not one for time stamps alone")


def _chain(
    signer: x509.Certificate, sent: Sequence[x509.Certificate], trusted: Sequence[x509.Certificate], at: datetime
) -> None:
    """Up from the signer to a trusted certificate, each valid at the time of the stamp, each issuer an authority."""
    reached = signer
    for _step in range(DEEPEST):
        if not reached.not_valid_before_utc <= at <= reached.not_valid_after_utc:
            raise WrongToken("a certificate was not valid at the time of the stamp")
        if reached in trusted:
            return
        issuer = next((c for c in (*trusted, *sent) if c != reached and _issued(reached, c)), None)
        if issuer is None:
            break
        reached = issuer
    raise WrongToken("the certificate does not lead to a trusted authority")


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
        return bool(issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False


def load_trusted(path: Path) -> list[x509.Certificate]:
    """The certificates in a PEM file."""
    return x509.load_pem_x509_certificates(path.read_bytes())


class TimestampAnchor:
    """Has each head stamped by an authority over HTTP; the verified token is the receipt."""

    name = "timestamp"
    only_hashes = True

    def __init__(self, url: str, trusted: Path) -> None:
        self.url, self.trusted = url, trusted

    def keep(self, number: int, token: str, log: Tree) -> bytes:
        """Ask for a time stamp over the signed head's bytes; gives the token (DER).

        :raises AnchorFailed: when the authority does not answer, refuses, or its token does not verify.
        """
        data, nonce = token.encode("ascii"), secrets.randbits(63) | 1
        try:
            answer = requests.post(
                self.url,
                data=request(sha256(data).digest(), nonce),
                headers={"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"},
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
            )
            with answer:
                if answer.status_code != 200 or answer.headers.get("Content-Type") != "application/timestamp-reply":
                    raise AnchorFailed(_l("The time stamp authority did not answer as it should."))
                stamped = token_of(answer.raw.read(MOST, decode_content=True))
            verify(stamped, data, trusted=load_trusted(self.trusted), nonce=nonce)
        except (requests.RequestException, OSError) as error:
            raise AnchorFailed(_l("The time stamp authority can’t be reached.")) from error
        except WrongToken as error:
            raise AnchorFailed(_l("The time stamp of the authority is wrong: %(why)s.", why=str(error))) from error
        return stamped

    def kept(self, noted: Sequence[Noted], tokens: Mapping[int, set[str]]) -> Sequence[Held]:
        """Each time stamp with the head that it proves, among those that anybody shows under its number.

        :raises AnchorFailed: when the trusted certificates can't be read.
        """
        try:
            trusted = load_trusted(self.trusted)
        except (OSError, ValueError) as error:
            raise AnchorFailed(_l("The time stamp authority can’t be reached.")) from error
        held = []
        for one in noted:
            proved = next((t for t in sorted(tokens.get(one.number, ())) if _proves(one.receipt, t, trusted)), None)
            held.append(Held(one.number, proved, None if proved else Wrong.STAMP, one.day))
        return held


def _proves(receipt: bytes, token: str, trusted: Sequence[x509.Certificate]) -> bool:
    try:
        verify(receipt, token.encode(), trusted=trusted)
    except WrongToken:
        return False
    return True
