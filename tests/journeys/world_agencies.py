"""The agencies' side of the world: a whole agency, its proceedings, visits, imports, reports, and who looks at them."""

from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.branches import moves
from agencies.branches import services as branches
from agencies.branches.drawing import PRESENCES
from agencies.branches.status import MoveKind, PresenceKind
from agencies.importing import seed as old_register
from agencies.importing.models import ImportConflict, ImportedRecord
from agencies.importing.status import ImportKind
from agencies.insider import services as insider
from agencies.insider.status import TieKind
from agencies.licensing import appeals, decisions, phrases
from agencies.register.models import NameUse
from agencies.register_names import services as further
from agencies.register_names.status import Script
from agencies.registration.models import Agency, AgencyDirector
from agencies.registration.status import IdentifierKind
from agencies.sanctions import liftings
from agencies.sanctions import reviews as suspension_reviews
from agencies.sanctions import services as sanctions
from agencies.sanctions.case_models import SanctionBar
from agencies.sanctions.case_status import CaseStatus, CaseSubject, OrderKind
from agencies.sanctions.cases import NewPaper
from agencies.sanctions.status import SanctionKind
from cases.reports import officers as case_office
from cases.reports.status import Category
from contracts.job_orders import services as job_orders
from contracts.job_orders.agents import AgentAbroad
from contracts.reviews import services as reviews
from contracts.reviews.models import WorkerReview
from core.actor import Actor
from core.db import legal_today
from core.permissions import StaffRole
from tests.agencies import factories as make
from tests.agencies import proceedings as go
from tests.agencies import security
from tests.cases import factories as cases
from tests.contracts import factories as contracts

if TYPE_CHECKING:
    from tests.journeys.world import Maker

# Lines of an old register whose owners come over; one each for the languages that look at the way.
CLAIMS = {"en": "81/061", "ne": "82/061", "ur": "83/061"}


def build(maker: "Maker") -> None:
    """Every part, in the maker's transaction."""
    for part in (_agency, _desk, _proceedings, _employers, _imports, _reports, _reviews):
        part(maker, maker.session)


def contact(number: str) -> str:
    """The contact that the old register has of a licence."""
    return f"licence{number.partition('/')[0]}@old.example"


def _agency(maker: "Maker", session: Session) -> None:
    """A licensed agency with a security that has stories, branches, and a proceeding of its own."""
    agency, owner = contracts.agency(session)
    security.deposited(session, agency, 50_000_000_00)
    security.guaranteed(session, agency, 100_000_000_00, days=20)
    security.paid(session, agency, 300_000_00)
    security.filed(session, agency, 200_000_00)
    names = ("Bimala Adhikari", "Deepa Nair", "Farida Khatun", "Gopal Magar")
    held = []
    for number, name in enumerate(names, 21001):
        command = branches.Propose(
            PresenceKind.BRANCH, "", "Office road 4", name, IdentifierKind.CITIZENSHIP, f"05-02-76-{number}",
            date(1980, 3, 14), "+9779841000001",
        )  # fmt: skip
        held.append(branches.propose(session, owner, agency.id, command))
    reviewer, approver = maker.staff(StaffRole.LICENSING_OFFICER), maker.staff(StaffRole.LICENSING_APPROVER)
    with make.drawn_for(reviewer, approver):
        for presence in held:
            make.give(session, PRESENCES, presence, reviewer)
        for presence in (held[0], *held[2:]):
            branches.verify(session, reviewer, presence.id, "Seen at the office.", "GAZETTE 12")
            branches.activate(session, approver, presence.id, "In order.")
        moves.suspend(session, approver, held[2].id, "Workers say that money was taken here.")
        moves.propose(session, reviewer, held[3].id, MoveKind.REMOVE, "The office was found empty twice.")
    _names(maker, session, agency.id, owner)
    case = go.walked(session, CaseStatus.REPLY, **go.against(agency))
    decided = go.ordered(session, OrderKind.FINE, **go.against(agency))
    page = f"/agencies/{agency.id}"
    maker.see(
        "an agency with everything", owner,
        (page, f"{page}/security", f"{page}/security/paper", f"{page}/branches", f"{page}/branches/new/branch",
         f"{page}/branches/new/representative", f"{page}/names", f"{page}/names/new",
         f"/proceedings/{case.id}", f"/proceedings/{decided.id}"),
    )  # fmt: skip
    files = tuple(f"/licensing/branches/{p.id}" for p in held)
    maker.see(
        "a licensing officer",
        None,
        (*files, f"/licensing/agencies/{agency.id}", f"/licensing/agencies/{agency.id}/security"),
    )
    maker.see("a licensing approver", approver, (*files, f"/licensing/agencies/{agency.id}/security"))
    finance = maker.staff(StaffRole.FINANCE_OFFICER)
    maker.see("a finance officer", finance, ("/staff", f"/licensing/agencies/{agency.id}/security"))


def _names(maker: "Maker", session: Session, agency_id: UUID, owner: Actor) -> None:
    """A name in the register, one that waits, one that is stopped beside the agency that it looks like."""
    make.licensed(session, "Sunkoshi Recruitment Pvt. Ltd.")
    wanted = (
        ("Blue Gate Careers", NameUse.TRADE, Script.LATIN), ("সাগর পাড়", NameUse.OTHER_SCRIPT, Script.BENGALI),
        ("New Sunkoshi Overseas", NameUse.TRADE, Script.LATIN),
    )  # fmt: skip
    first, second, third = (further.propose(session, owner, agency_id, further.Propose(*w)) for w in wanted)
    further.agree(session, make.reviewer(session), first.id, "It stands on the sign.")
    files = [f"/licensing/names/{n.id}" for n in (first, second, third)]
    maker.see("a licensing officer", None, (*files[:2], f"/licensing/agencies/{agency_id}/names"))
    maker.see("a licensing approver", None, (files[0], files[2]))
    maker.see("anybody", None, ("/check?q=Blue+Gate+Careers",))


def _proceedings(maker: "Maker", session: Session) -> None:
    """Proceedings in the states that show different buttons, a barred employer abroad, a lifting."""
    agency, _licence = make.licensed(session, "Saipal Overseas Pvt. Ltd.")
    director = session.scalars(select(AgencyDirector).order_by(AgencyDirector.id.desc()).limit(1)).one()
    heard = go.walked(session, CaseStatus.DECISION, **go.against(agency))
    appealed = go.appealed(session, OrderKind.SUSPEND, ask_stay=True, **go.against(agency))
    reported = go.report(session, **go.against(agency))
    go.ordered(
        session, OrderKind.BLACKLIST, kind=CaseSubject.FOREIGN_AGENT, name="Dhow Manpower Services", identifier="CR 100200", country="QA"
    )  # fmt: skip
    barred = session.scalars(select(SanctionBar).order_by(SanctionBar.id.desc()).limit(1)).one()
    go.ordered(
        session, OrderKind.SUSPEND, kind=CaseSubject.MEDICAL_CENTRE, name="Kantipur Diagnostic", identifier="MED-900", country="NP"
    )  # fmt: skip
    other, _licence = make.licensed(session, "Api Overseas Pvt. Ltd.")
    go.ordered(session, OrderKind.BLACKLIST, **go.against(other))
    lifting = liftings.propose(session, go.reviewer(session), barred.id, "Every worker has been paid back.")
    maker.see(
        "a licensing officer", None,
        ("/licensing/proceedings", f"/licensing/agencies/{agency.id}/report", f"/licensing/directors/{director.id}/report",
         "/licensing/proceedings/new/foreign-agent", f"/licensing/blacklistings/{barred.id}/lifting",
         *(f"/licensing/proceedings/{c.id}" for c in (reported, heard, appealed))),
    )  # fmt: skip
    maker.see(
        "a licensing approver", None,
        ("/licensing/proceedings", f"/licensing/proceedings/{heard.id}", f"/licensing/liftings/{lifting.id}"),
    )  # fmt: skip
    held, owner = contracts.agency(session)
    command = sanctions.Propose(SanctionKind.SUSPENSION, "Took passports.", legal_today(session) + timedelta(6))
    order = sanctions.propose(session, go.reviewer(session), held.id, command)
    go.order(session, order)
    asks, _asker = contracts.agency(session)
    other_order = sanctions.propose(session, go.reviewer(session), asks.id, command)
    go.order(session, other_order)
    assert other_order.case_id is not None
    came = suspension_reviews.OnPaper("We hold no passport.", NewPaper("Request", make.photo()))
    review = suspension_reviews.record(session, go.reviewer(session), other_order.case_id, came)
    maker.see("a licensing officer", None, (f"/licensing/proceedings/{order.case_id}",))
    maker.see("a suspended agency", owner, (f"/proceedings/{order.case_id}", f"/proceedings/{order.case_id}/review"))
    judge = maker.staff(StaffRole.APPEAL_OFFICER)
    maker.see("an appeal officer", judge, (f"/licensing/suspension-reviews/{review.id}", "/staff/queue/case.review"))
    maker.see("an appeal officer", judge, ("/staff", "/licensing/proceedings", f"/licensing/proceedings/{appealed.id}"))


def _employers(maker: "Maker", session: Session) -> None:
    """An employer who has to answer a notice; a large lot that waits for its second approver."""
    accused, owner = contracts.employer(session)
    case = go.walked(session, CaseStatus.NOTICE, kind=CaseSubject.EMPLOYER, reference=accused.reference)
    maker.see("an employer with a proceeding", owner, ("/employer", f"/proceedings/{case.id}"))
    # Nearly the name of the agent that is barred above: the officer sees both.
    agent = AgentAbroad("Dhow Man Power", "QA", "CR 900")
    large = contracts.signed(session, headcount=100, capacity=500, agent=agent)
    job_orders.acknowledge(session, large.agency, large.order.id)
    job_orders.approve(session, maker.staff(StaffRole.LABOUR_OFFICER), large.order.id, "Fits the market")
    maker.see("a labour officer", None, (f"/job-orders/{large.order.id}",))


def _desk(maker: "Maker", session: Session) -> None:
    """A visit that an inspector has to make; the office's sentences; a tie; the auditor's figures."""
    officer, eye = maker.staff(StaffRole.LICENSING_OFFICER), maker.staff(StaffRole.LICENCE_INSPECTOR)
    with make.drawn_for(officer, eye):
        application, _agency, _owner = make.submitted(
            session, name="Khaptad Overseas Pvt. Ltd.", native="", directors=[make.director("27-01-70-7799", phone="+9779841777099")]
        )  # fmt: skip
        decisions.ask_visit(session, officer, application.id, "Papers complete and in order.")
    maker.see(
        "a licence inspector", eye, ("/staff", "/licensing/visits", f"/licensing/visits/{application.id}", "/licensing/ties")
    )  # fmt: skip
    phrases.add(
        session, officer, phrases.AddPhrase("tax", "The certificate is of an earlier fiscal year. Give the newest one.")
    )
    _own, licence = make.licensed(session, "Rara Overseas Pvt. Ltd.")
    insider.declare(session, officer, insider.DeclareTie(licence.number, TieKind.FAMILY, "My sister works there."))
    maker.see("a licensing officer who has a tie", officer, ("/licensing/phrases", "/licensing/ties"))
    maker.see("an auditor", None, ("/licensing/officers", f"/licensing/applications/{application.id}"))
    _appeal(maker, session, officer)


def _appeal(maker: "Maker", session: Session, officer: Actor) -> None:
    """Two refused applicants: one may appeal, the other has."""
    boss, judge = maker.staff(StaffRole.LICENSING_APPROVER), maker.staff(StaffRole.APPEAL_OFFICER)
    refused = []
    for number, name in enumerate(("Machhapuchchhre Overseas", "Dorje Lakpa Overseas")):
        with make.drawn_for(officer, boss):
            application, _agency, owner = make.submitted(
                session, name=name, native="", directors=[make.director(f"27-01-70-88{number:02}", phone=f"+97798417880{number:02}")]
            )  # fmt: skip
            make.recommend(session, officer, application)
        decisions.refuse(session, boss, application.id, "The premises are a shop.")
        refused.append((application, owner))
    (open_one, owner), (appealed, other) = refused
    page = "/licences/applications/{}"
    maker.see("a refused applicant", owner, (page.format(open_one.id), page.format(open_one.id) + "/appeal"))
    came = appeals.OnPaper("It is an office: see the lease.", make.photo())
    appeal = appeals.record(session, officer, appealed.id, came)
    maker.see("a licensing officer", None, (f"/licensing/applications/{open_one.id}/paper-appeal",))
    maker.see("a refused applicant who has appealed", other, (page.format(appealed.id),))
    maker.see("an appeal officer", judge, (f"/licensing/appeals/{appeal.id}", f"/licensing/applications/{appealed.id}"))


def _imports(maker: "Maker", session: Session) -> None:
    """Lines of an old register, one of which says otherwise than an officer did since; licensees who come over."""
    admin = maker.staff(StaffRole.STAFF_ADMIN, "DOFE")
    today = maker.today
    agencies = [
        (f"old{n}", f"Old Register {n} Overseas", f"77{n:04d}", "Kathmandu", "+97714350000", contact(number))
        for n, number in enumerate(CLAIMS.values())
    ]
    licences = [
        (f"L{n}", f"old{n}", number, "A", "active", date(2020, 1, 1), date(today.year + 3, 1, 1))
        for n, number in enumerate(CLAIMS.values())
    ]
    old_register.bring(session, admin, ImportKind.AGENCIES, agencies)
    old_register.bring(session, admin, ImportKind.LICENCES, licences)
    ours = session.scalars(
        select(Agency)
        .join(ImportedRecord, ImportedRecord.target_id == Agency.id)
        .where(ImportedRecord.source_key == "old0")
    ).one()
    ours.phone = "+97714350009"
    session.flush()
    old_register.bring(session, admin, ImportKind.AGENCIES, [(*agencies[0][:4], "+97714350001", agencies[0][5])])
    found = session.scalars(select(ImportConflict.id)).all()
    assert found
    maker.see("a staff administrator of the department", admin, ("/imports",))
    maker.see("a licensing officer", None, ("/imports", *(f"/imports/conflicts/{c}" for c in found[:2])))


def _reports(maker: "Maker", session: Session) -> None:
    """A report in the case office, and the note that licensing has of another."""
    officer = cases.case_officer(session)
    report, _codename = cases.sent(session)
    case_office.take(session, officer, report.id)
    other, _codename = cases.sent(session, words="He recruits in a hotel room.")
    case_office.take(session, officer, other.id)
    case_office.accept(session, officer, other.id, case_office.Sort(Category.UNLICENSED))
    note = case_office.redirect(session, officer, other.id)
    maker.see("a case officer", officer, ("/staff", f"/staff/reports/{report.id}", f"/staff/reports/{other.id}"))
    maker.see("a licensing officer", None, (f"/licensing/referrals/{note.id}", "/licensing/reports-against-agencies"))


def _reviews(maker: "Maker", session: Session) -> None:
    """A worker of a suspended agency, whom an officer looks at one by one."""
    _contract, _worker, scene = contracts.registered(session)
    go.ordered(session, OrderKind.SUSPEND, **go.against(scene.agency_record))
    reviews.follow(session)
    found = session.scalars(select(WorkerReview.id).order_by(WorkerReview.id.desc()).limit(1)).one()
    maker.see("a labour officer", None, (f"/worker-reviews/{found}",))
