"""Whose step a bank paper, a claim or a proposal about a security waits for: each is drawn, never picked."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from agencies.insider import duties
from agencies.insider.steps import Step, Steps
from agencies.security.models import SecurityAccount, SecurityClaim, SecurityInstrument, SecurityProposal
from agencies.security.status import (
    CLAIM,
    INSTRUMENT,
    OWED_CLAIMS,
    PROPOSAL,
    ClaimStatus,
    InstrumentStatus,
    ProposalKind,
    ProposalStatus,
)
from core.actor import Actor
from core.i18n import _l
from core.listing import AnySelect
from core.permissions import Permission

_RECORD, _DECIDE = Permission.SECURITY_RECORD, Permission.SANCTION_DECIDE
_I, _C = InstrumentStatus, ClaimStatus


class SecurityStage(StrEnum):
    """Officers' steps about securities."""

    PAPER = "paper"
    ANSWER = "answer"
    DECISION = "decision"
    PAYMENT = "payment"
    FORFEITURE = "forfeiture"


_G = SecurityStage


def _agencies(model: Any) -> AnySelect:
    return select(model.id, SecurityAccount.agency_id).join(SecurityAccount, SecurityAccount.id == model.account_id)


def _recorder(_session: Session, paper: SecurityInstrument) -> Iterable[UUID | None]:
    return (paper.recorded_by,)


def _filer(_session: Session, claim: SecurityClaim) -> Iterable[UUID | None]:
    return (claim.filed_by,)


def _filer_and_decider(_session: Session, claim: SecurityClaim) -> Iterable[UUID | None]:
    return claim.filed_by, claim.decided_by


def _proposer(_session: Session, made: SecurityProposal) -> Iterable[UUID | None]:
    return (made.proposed_by,)


PAPERS = Steps(
    INSTRUMENT,
    SecurityInstrument,
    _l("Bank papers of securities"),
    _agencies(SecurityInstrument),
    [
        Step(
            _G.PAPER, _l("Bank paper"), _RECORD, frozenset({_I.LODGED, _I.RECORDED, _I.NOT_CONFIRMED}),
            ("record", "return", "ask"),
        ),
        Step(
            _G.ANSWER, _l("The bank’s answer"), _RECORD, frozenset({_I.VERIFICATION_ASKED}), ("confirm", "deny"),
            hands=_recorder,
        ),
    ],
)  # fmt: skip
CLAIMS = Steps(
    CLAIM,
    SecurityClaim,
    _l("Claims on securities"),
    _agencies(SecurityClaim),
    [
        Step(_G.DECISION, _l("Decision"), _DECIDE, frozenset({_C.FILED}), ("grant", "reject"), hands=_filer),
        Step(_G.PAYMENT, _l("Payment"), _RECORD, frozenset(OWED_CLAIMS), ("pay", "pay_part"), hands=_filer_and_decider),
    ],
)
_WAITS, _DECISIONS = frozenset({ProposalStatus.PROPOSED}), ("accept", "reject")
PROPOSALS = Steps(
    PROPOSAL,
    SecurityProposal,
    _l("Releases, corrections and forfeitures of securities"),
    _agencies(SecurityProposal),
    [
        Step(
            _G.DECISION, _l("Decision"), _RECORD, _WAITS, _DECISIONS,
            kinds=frozenset({ProposalKind.RELEASE, ProposalKind.CORRECTION}), hands=_proposer,
        ),
        Step(
            _G.FORFEITURE, _l("Forfeiture"), _DECIDE, _WAITS, _DECISIONS, kinds=frozenset({ProposalKind.FORFEITURE}),
            hands=_proposer,
        ),
    ],
)  # fmt: skip
ALL: tuple[Steps[Any], ...] = (PAPERS, CLAIMS, PROPOSALS)


def steps_of(model: Any) -> Steps[Any] | None:
    """The drawn steps of a kind of record; None where nothing of it is drawn."""
    return next((s for s in ALL if s.model is model), None)


def holds(actor: Actor, agency_id: UUID) -> ColumnElement[bool]:
    """Whether this officer has a step about this agency's security, also in another office."""

    def of(steps: Steps[Any]) -> ColumnElement[bool]:
        model = steps.model
        return exists().where(
            model.account_id == SecurityAccount.id, SecurityAccount.agency_id == agency_id,
            duties.holds(actor.account_id, steps.name, model.id),
        )  # fmt: skip

    return or_(*(of(s) for s in ALL))
