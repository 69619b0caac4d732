"""A time stamp authority as a local HTTP server: `openssl ts` answers, so that what it signs is conforming RFC 3161.

``fault`` makes it break one rule at a time, so that the client's checks can be seen to hold.
"""

import argparse
import datetime
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CONFIG = """
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/{signer}.pem
certs = {folder}/ca.pem
signer_key = {folder}/{signer}.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.1
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = {ess}
"""


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


# The tests' certificates are made for each run; a demo's stay in its folder.
DAYS = 30
DEMO_DAYS = 3650


def _certificate(
    folder: Path, name: str, key: object, issuer: tuple[x509.Name, object], *extensions: tuple, days: int = DAYS
) -> None:
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(issuer[0])
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=days))
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    made = builder.sign(issuer[1], hashes.SHA256())
    (folder / f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / f"{name}.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def certificates_in(folder: Path) -> Path:
    """The file of the authority's certificate in a demo's folder; made once."""
    if not (folder / "complete").exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        make_certificates(folder, days=DEMO_DAYS)
        (folder / "complete").touch()
    return folder / "ca.pem"


def make_certificates(folder: Path, *, days: int = DAYS) -> None:
    """An authority, a stranger's authority, and signers: RSA, ECDSA, and one that is not made for time stamps."""
    stamps = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True)
    signs = (
        x509.KeyUsage(
            digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
            key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
        ),
        True,
    )  # fmt: skip
    for name in ("ca", "stranger"):
        key = ec.generate_private_key(ec.SECP256R1())
        authority = (x509.BasicConstraints(ca=True, path_length=None), True)
        _certificate(folder, name, key, (_name(name), key), authority, days=days)
    own = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
    _certificate(folder, "rsa", rsa.generate_private_key(65537, 2048), (_name("ca"), own), stamps, signs, days=days)
    _certificate(folder, "ecdsa", ec.generate_private_key(ec.SECP256R1()), (_name("ca"), own), stamps, signs, days=days)


class Authority:
    """The running server. ``signer``: rsa or ecdsa; ``ess``: the digest that names the certificate."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.signer, self.ess, self.fault = "rsa", "sha256", ""
        self.asked = 0
        self.last = b""
        self.url = ""

    def answer(self, query: bytes) -> bytes:
        """TimeStampResp for a TimeStampReq, by openssl."""
        self.asked += 1
        if self.fault == "other answer":
            return self.last
        config = self.folder / "tsa.cnf"
        config.write_text(CONFIG.format(folder=self.folder, signer=self.signer, ess=self.ess))
        (self.folder / "query.tsq").write_bytes(query)
        subprocess.run(
            ["openssl", "ts", "-reply", "-config", str(config), "-queryfile", "query.tsq", "-out", "reply.tsr"],
            cwd=self.folder,
            check=True,
            capture_output=True,
        )
        found = (self.folder / "reply.tsr").read_bytes()
        if self.fault == "changed byte":
            found = found[:-20] + bytes([found[-20] ^ 1]) + found[-19:]
        self.last = found
        return found


def _server(authority: Authority, port: int) -> ThreadingHTTPServer:

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            if authority.fault == "down":
                self.send_error(503)
                return
            fits = self.headers["Content-Type"] == "application/timestamp-query"
            body = authority.answer(query) if fits else b""
            self.send_response(200 if fits else 415)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            pass

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


@contextmanager
def running(folder: Path) -> Iterator[Authority]:
    """The authority on a free port of this machine."""
    make_certificates(folder)
    authority = Authority(folder)
    server = _server(authority, 0)
    authority.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield authority
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def main() -> None:
    parser = argparse.ArgumentParser(description="A time stamp authority for a demo.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    chosen = parser.parse_args()
    certificates_in(chosen.folder)
    server = _server(Authority(chosen.folder), chosen.port)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever()


if __name__ == "__main__":
    main()
