"""Static files under their content hash: cached for ever by browsers, changed by changing their name."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from flask import Flask, Response, abort, request, url_for

from core.web import public

FOLDER = Path(__file__).parent / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png"}


@lru_cache
def _files() -> dict[str, tuple[str, bytes, bytes, str]]:
    """Name -> hash, content, gzip, media type. Read once: a deployment's files don't change under it."""
    import gzip

    found = {}
    for path in sorted(FOLDER.iterdir()):
        if path.suffix in TYPES:
            data = path.read_bytes()
            digest = sha256(data).hexdigest()[:12]
            found[path.name] = (digest, data, gzip.compress(data, 9, mtime=0), TYPES[path.suffix])
    return found


def asset(name: str) -> str:
    """The address of a static file."""
    return url_for("static_file", digest=_files()[name][0], name=name)


@public
def static_file(digest: str, name: str) -> Response:
    """A static file, when its hash is the one of today's content."""
    found = _files().get(name)
    if found is None or found[0] != digest:
        abort(404)
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    response = Response(found[2] if zipped else found[1], mimetype=found[3])
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def install(app: Flask) -> None:
    """Serve the files and give templates ``asset()``."""
    app.add_url_rule("/static/<digest>/<name>", "static_file", static_file)
    app.jinja_env.globals["asset"] = asset
