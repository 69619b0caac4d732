"""Every setting, read from the environment once, into one frozen dataclass.

A missing or malformed setting stops the start with a sentence. There is no default secret outside demo mode:
demo secrets are made at the first start and kept under ``var/``.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from core.errors import ConfigurationError

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Settings:
    """One deployment. Secrets are left out of ``repr``."""

    database_url: str = field(repr=False)
    owner_database_url: str = field(repr=False)
    secret_key: bytes = field(repr=False)
    master_key: bytes = field(repr=False)
    var: Path = ROOT / "var"
    demo: bool = False
    testing: bool = False
    country: str = "np"
    port: int = 8000
    host: str = "127.0.0.1"
    public_url: str = "http://127.0.0.1:8000"
    trusted_hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    storage: Path = ROOT / "var" / "files"
    max_upload_bytes: int = 8 * 1024 * 1024
    mail_url: str = "outbox:"
    sms_url: str = "outbox:"
    sms_webhook_secret: str = field(default="", repr=False)
    stripe_api_base: str = ""
    stripe_secret_key: str = field(default="", repr=False)
    stripe_webhook_secret: str = field(default="", repr=False)
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    bank_folder: Path = ROOT / "var" / "bank"
    payout_partner: str = ""
    anchor_folder: Path | None = None
    timestamp_url: str = ""
    timestamp_ca: Path | None = None
    proxies: int = 0
    web_threads: int = 8

    @property
    def secure(self) -> bool:
        """Whether cookies may demand HTTPS."""
        return self.public_url.startswith("https://")


def demo_secret(var: Path, name: str) -> str:
    """A secret of this checkout's demo, made once and kept readable by its owner alone."""
    path = var / "secrets" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = path.with_suffix(".new")
        partial.write_text(secrets.token_hex(32))
        partial.chmod(0o600)
        partial.replace(path)
    return path.read_text().strip()


def _number(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = environ.get(name, "")
    if not text:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
        raise ConfigurationError(f"{name} must be a whole number from {low} to {high}, not {text!r}.")
    return int(text)


def _flag(environ: Mapping[str, str], name: str) -> bool:
    text = environ.get(name, "").lower()
    if text not in {"", "0", "1", "false", "true", "no", "yes"}:
        raise ConfigurationError(f"{name} must be 1 or 0, not {text!r}.")
    return text in {"1", "true", "yes"}


def _url(environ: Mapping[str, str], name: str, default: str, schemes: tuple[str, ...]) -> str:
    text = environ.get(name, "") or default
    if text and (urlsplit(text).scheme not in schemes):
        raise ConfigurationError(f"{name} must be an address that starts with {' or '.join(schemes)}.")
    return text.rstrip("/") if not text.startswith("outbox") else text


def _key(environ: Mapping[str, str], name: str, *, demo: bool, var: Path) -> bytes:
    text = environ.get(name, "")
    if not text and environ.get(f"{name}_FILE"):
        path = Path(environ[f"{name}_FILE"])
        if not path.is_file():
            raise ConfigurationError(f"{name}_FILE names a file that can't be read.")
        text = path.read_text().strip()
    if not text and demo:
        text = demo_secret(var, name.lower())
    if not text:
        raise ConfigurationError(
            f"{name} (or {name}_FILE) is missing: give 64 hexadecimal digits, from `openssl rand -hex 32`."
        )
    if not re.fullmatch(r"[0-9a-fA-F]{64}", text):
        raise ConfigurationError(f"{name} must be 64 hexadecimal digits.")
    return bytes.fromhex(text)


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings.

    :raises ConfigurationError: naming the setting, in a sentence.
    """
    demo = _flag(environ, "DEMO")
    var = Path(environ.get("OPENPASSAGE_VAR", "") or ROOT / "var")
    port = _number(environ, "PORT", 8000, 1, 65535)
    database_url = _url(environ, "DATABASE_URL", "", ("postgresql", "postgres", "postgresql+psycopg"))
    if not database_url:
        raise ConfigurationError(
            "DATABASE_URL is missing: give the address of a PostgreSQL 15 or newer, or use `make run`."
        )
    public_url = _url(environ, "PUBLIC_URL", f"http://127.0.0.1:{port}" if demo else "", ("https", "http"))
    if not public_url:
        raise ConfigurationError(
            "PUBLIC_URL is missing: give the address people will use, such as https://passage.example."
        )
    if not demo and not public_url.startswith("https://"):
        raise ConfigurationError("PUBLIC_URL must start with https:// outside demo mode.")
    stripe_key, webhook_secret = _stripe(environ, demo=demo, var=var)
    _check_oidc(environ, demo=demo)
    return Settings(
        database_url=database_url,
        owner_database_url=_url(
            environ, "OWNER_DATABASE_URL", database_url, ("postgresql", "postgres", "postgresql+psycopg")
        ),
        secret_key=_key(environ, "SECRET_KEY", demo=demo, var=var),
        master_key=_key(environ, "MASTER_KEY", demo=demo, var=var),
        var=var,
        demo=demo,
        testing=_flag(environ, "TESTING"),
        country=_country(environ),
        port=port,
        host=environ.get("HOST", "") or "127.0.0.1",
        public_url=public_url,
        trusted_hosts=_hosts(environ, public_url, demo=demo),
        storage=Path(environ.get("STORAGE_PATH", "") or var / "files"),
        max_upload_bytes=_number(environ, "MAX_UPLOAD_BYTES", 8 * 1024 * 1024, 1024, 64 * 1024 * 1024),
        mail_url=_mail(environ, "MAIL_URL", ("smtp", "smtps"), demo=demo),
        sms_url=_mail(environ, "SMS_URL", ("http", "https"), demo=demo),
        sms_webhook_secret=_sms_webhook(environ, demo=demo, var=var),
        stripe_api_base=_url(environ, "STRIPE_API_BASE", "", ("http", "https")),
        stripe_secret_key=stripe_key,
        stripe_webhook_secret=webhook_secret,
        oidc_issuer=_url(environ, "OIDC_ISSUER", "", ("https", "http")),
        oidc_client_id=environ.get("OIDC_CLIENT_ID", ""),
        oidc_client_secret=environ.get("OIDC_CLIENT_SECRET", ""),
        bank_folder=Path(environ.get("BANK_FOLDER", "") or var / "bank"),
        payout_partner=environ.get("PAYOUT_PARTNER", "").strip(),
        **_anchors(environ, var / "anchors" if demo else None),
        proxies=_number(environ, "PROXIES", 0, 0, 5),
        web_threads=_number(environ, "WEB_THREADS", 8, 1, 64),
    )


def _country(environ: Mapping[str, str]) -> str:
    country = environ.get("COUNTRY", "") or "np"
    if not (ROOT / "law" / country / "country.json").is_file() and country != "np":
        raise ConfigurationError(f"COUNTRY={country!r} has no package under law/.")
    return country


def _folder(environ: Mapping[str, str], name: str, default: Path | None) -> Path | None:
    text = environ.get(name, "")
    return Path(text) if text else default


def _anchors(environ: Mapping[str, str], folder: Path | None) -> dict[str, Any]:
    """Where signed heads go. A time stamp authority comes with the certificates that it must lead to: a stranger's stamp
    proves nothing."""
    url = environ.get("TIMESTAMP_URL", "")
    trusted = _folder(environ, "TIMESTAMP_CA", None)
    if bool(url) != (trusted is not None):
        raise ConfigurationError("TIMESTAMP_URL and TIMESTAMP_CA go together: give both or neither.")
    if url and urlsplit(url).scheme not in ("http", "https"):
        raise ConfigurationError("TIMESTAMP_URL must be an address that starts with http or https.")
    if trusted is not None and not trusted.is_file():
        raise ConfigurationError("TIMESTAMP_CA names a file that can't be read.")
    return {
        "anchor_folder": _folder(environ, "ANCHOR_FOLDER", folder),
        "timestamp_url": url,
        "timestamp_ca": trusted,
    }


def _sms_webhook(environ: Mapping[str, str], *, demo: bool, var: Path) -> str:
    """The key agreed with the gateway that hands us SMS; empty where none does. A short one could be guessed."""
    secret = environ.get("SMS_WEBHOOK_SECRET", "") or (demo_secret(var, "sms_webhook") if demo else "")
    if secret and len(secret) < 16:
        raise ConfigurationError("SMS_WEBHOOK_SECRET must have 16 characters or more.")
    return secret


def _stripe(environ: Mapping[str, str], *, demo: bool, var: Path) -> tuple[str, str]:
    """The secret key and the webhook's secret; unsigned events are never taken."""
    key = environ.get("STRIPE_SECRET_KEY", "") or (demo_secret(var, "stripe_key") if demo else "")
    webhook = environ.get("STRIPE_WEBHOOK_SECRET", "") or (demo_secret(var, "stripe_webhook") if demo else "")
    if key and not webhook:
        raise ConfigurationError(
            "STRIPE_WEBHOOK_SECRET is missing though STRIPE_SECRET_KEY is given: unsigned events are never taken."
        )
    return key, webhook


def _hosts(environ: Mapping[str, str], public_url: str, *, demo: bool) -> tuple[str, ...]:
    """Host names that requests may name: the given ones, else that of the public address."""
    hosts = tuple(h.strip() for h in environ.get("TRUSTED_HOSTS", "").split(",") if h.strip())
    own = urlsplit(public_url).hostname or ""
    return hosts or ((own, "127.0.0.1", "localhost") if demo else (own,))


def _check_oidc(environ: Mapping[str, str], *, demo: bool) -> None:
    """The provider's issuer and our client there go together, over HTTPS outside demo mode."""
    issuer, client_id = environ.get("OIDC_ISSUER", ""), environ.get("OIDC_CLIENT_ID", "")
    if bool(issuer) != bool(client_id):
        raise ConfigurationError("OIDC_ISSUER and OIDC_CLIENT_ID go together: give both or neither.")
    if issuer and not demo and not issuer.startswith("https://"):
        raise ConfigurationError("OIDC_ISSUER must start with https:// outside demo mode.")


def _mail(environ: Mapping[str, str], name: str, schemes: tuple[str, ...], *, demo: bool) -> str:
    """The gateway's address; the captured outbox only in demo mode."""
    text = environ.get(name, "")
    if not text and demo:
        return "outbox:"
    if not text:
        raise ConfigurationError(f"{name} is missing: messages would go nowhere.")
    return _url(environ, name, "", schemes)


_current: Settings | None = None


def configure(settings: Settings) -> None:
    """Make ``settings`` the ones of this process (called by the app factory, the worker and the command line)."""
    global _current
    _current = settings


def current() -> Settings:
    """The settings of this process."""
    if _current is None:
        raise ConfigurationError("The settings have not been read yet.")
    return _current
