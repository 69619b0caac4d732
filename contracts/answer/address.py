"""The address that a QR holds: it opens the answer as of that moment, so a copied code tells nothing that isn't true."""

from urllib.parse import quote

from core.settings import current


def answer_address(*, agency: str = "", job_order: str = "") -> str:
    """The page that answers for a job by its reference, or for an agency by its licence number."""
    asked = ("job_order", job_order) if job_order else ("agency", agency)
    return f"{current().public_url}/answer?{asked[0]}={quote(asked[1], safe='')}"
