"""A world in which every page has something to show, made by the services, and who looks at which address in it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.licensing.models import Licence
from agencies.winding_down import custody, owed
from agencies.winding_down.status import DocumentKind, OwedFor
from contracts import lapses
from contracts.clearance import airport, documents
from contracts.clearance import services as clearances
from contracts.clearance.models import DepartureClearance
from contracts.clearance.parties import Centre
from contracts.clearance.watch import settle
from contracts.employers import bars, corrections
from contracts.employers.accreditation_status import RequestKind
from contracts.employers.correction_status import CorrectionKind
from contracts.employment import questions
from contracts.employment import services as employment
from contracts.employment.models import EmploymentContract
from contracts.employment.withdrawal import withdraw
from contracts.exemptions import grounds
from contracts.exemptions import services as exemptions
from contracts.exemptions.services import Proposal
from contracts.job_orders import services as job_orders
from contracts.orientation import services as orientation
from contracts.orientation.models import AttendanceEvent
from core.accounts import NewAccount as New
from core.accounts import Office, UserAccount, add_membership, create_account, find_account
from core.actor import SYSTEM, Actor
from core.audit import AuditEvent
from core.db import db_now, legal_today
from core.messages import OutgoingMessage
from core.money import Money
from core.permissions import ClerkRight, StaffRole, SubjectKind
from migrants.identity.mrz import Mrz
from migrants.registration import recovery
from migrants.registration import services as registration
from portal.people import bodies
from portal.people.clerks import InviteClerk, invite
from remittance.funding.services import import_statement
from remittance.orders import officers as remittance_officers
from remittance.orders.models import BankLine
from remittance.reconciliation.services import make_reports
from tests.agencies import factories as agencies
from tests.agencies import winding
from tests.agencies.renewal import renewals
from tests.contracts import accreditation_factories as accreditations
from tests.contracts import factories as contracts
from tests.contracts.test_clearance import another_contract, applied, picture, reviewed
from tests.contracts.test_comparison import PROMISED
from tests.journeys import world_accounts, world_agencies
from tests.journeys.conftest import Portal
from tests.migrants import factories as migrants
from tests.migrants.specimens import draw, jpeg
from tests.remittance import factories as remittances
from tests.remittance.statements import statement
from tests.remittance.test_officers import LISTED

PASSWORD = "a long enough secret"


@dataclass(frozen=True)
class Visit:
    """Somebody's addresses. ``account``: None for anybody; ``pending``: signed in but for the second factor."""

    account: UUID | None
    addresses: tuple[str, ...]
    pending: bool = False


World = dict[str, Visit]


def build(portal: Portal) -> World:
    """Everything, in one transaction."""
    with portal.sessions() as session:
        world = Maker(session, portal).world()
        session.commit()
        return world


class Maker:
    """Makes records and notes who looks at them."""

    def __init__(self, session: Session, portal: Portal) -> None:
        self.session, self.portal = session, portal
        self.found: World = {}
        self.today = legal_today(session)

    def see(self, who: str, account: UUID | Actor | None, addresses: Iterable[str], *, pending: bool = False) -> None:
        before = self.found.get(who)
        held = account.account_id if isinstance(account, Actor) else account or (before.account if before else None)
        seen = (*before.addresses, *addresses) if before else tuple(addresses)
        self.found[who] = Visit(held, seen, pending)

    def staff(self, role: StaffRole, office: str = "DOFE") -> Actor:
        return migrants.officer(self.session, role, office)

    def world(self) -> World:
        for part in (
            self.migrant, self.contract, self.departure, self.agency, self.renewal, self.winding_down, self.employer, self.centre,
            self.identity, self.money,
            self.sign_in, self.administration, self.every_role, self.anybody,
        ):  # fmt: skip
            part()
        world_agencies.build(self)
        world_accounts.build(self)
        return self.found

    # --- outside the ministry ---

    def migrant(self) -> None:
        begun, account = registration.begin(
            self.session, registration.Begin("Kabita Shahi", PASSWORD, "ne", consent=True)
        )
        steps = [f"/me/registration/{name}" for name in ("name", "birth", "sex", "parents", "place", "passport")]
        self.see(
            "a newcomer", account.id, ("/me/reference", "/me", *steps, "/me/phone", "/me/phone/code", "/me/stop", "/me/passport-photo",
             "/me/check", "/me/history", "/me/contract", "/account", "/account/password", "/account/recovery-codes"),
        )  # fmt: skip
        assert begun.reference

    def contract(self) -> None:
        scene = contracts.approved(self.session, headcount=20)
        self.job = scene.order.reference
        worse, reader = contracts.lodged(self.session, scene, wage_minor=90_000)
        self.see("a worker with a worse contract", reader, ("/me/contract",))
        read, ready = contracts.lodged(self.session, scene)
        self.answered(scene.agency, read, ready)
        employment.mark_read(self.session, ready, read.id)
        contracts.let_time_pass(self.session, read)
        self.see("a worker who may accept", ready, ("/me/contract",))
        unanswered, asker = contracts.lodged(self.session, scene)
        self.answered(scene.agency, unanswered, asker)
        questions.ask(self.session, asker, unanswered.id, "शुक्रबार पनि काम गर्नुपर्छ?", locale="ne")
        self.see("a worker who asked", asker, ("/me/contract",))
        accepted, _worker = contracts.accepted(self.session, scene)
        registrar = self.staff(StaffRole.LABOUR_OFFICER)
        self.see(
            "a labour officer", registrar,
            ("/staff", "/staff/search", "/staff/queue/contracts", "/staff/queue/job-orders", f"/job-orders/{scene.order.id}",
             *(f"/contracts/{c.id}" for c in (worse, read, accepted))),
        )  # fmt: skip
        self.contract_ends(scene)
        lodge = f"/job-orders/{scene.order.id}/contracts/new"
        terms = ("work", "pay", "time", "living", "travel", "term", "check")
        self.see(
            "an agency with job orders", scene.agency,
            (f"/agencies/{scene.agency_record.id}", f"/contracts/{unanswered.id}/questions",
             "/agency/job-orders", f"/job-orders/{scene.order.id}", f"/contracts/{worse.id}",
             *(f"{lodge}/{step}" for step in ("worker", "check")), *(f"/contracts/{worse.id}/terms/{step}" for step in terms)),
        )  # fmt: skip

    def answered(self, agency: Actor, contract: EmploymentContract, worker: Actor) -> None:
        """A question in Urdu and its answer in English, on one contract."""
        asked = questions.ask(self.session, worker, contract.id, "کیا جمعہ کے اوور ٹائم کی اجرت ملتی ہے؟", locale="ur")
        questions.answer(
            self.session, agency, contract.id, asked.id, "Yes, one and a half times the hour.", locale="en"
        )

    def contract_ends(self, scene: contracts.Scene) -> None:
        taken_back, gone = contracts.lodged(self.session, scene)
        withdraw(self.session, scene.agency, taken_back.id, "The site is closed.")
        self.see("a worker whose contract was taken back", gone, ("/me/contract",))
        over = contracts.approved(self.session)
        returned, sent_back = contracts.accepted(self.session, over)
        employment.decide(
            self.session, self.staff(StaffRole.LABOUR_OFFICER), returned.id, "return", "A digit is missing."
        )
        self.see("a worker whose contract was sent back", sent_back, ("/me/contract",))
        over.order.lapses_on = self.today - timedelta(days=1)
        self.session.flush()
        lapses.lapse_job_orders(self.session, 10)
        self.see("an agency with job orders", scene.agency, (f"/contracts/{taken_back.id}",))
        pages = (f"/job-orders/{over.order.id}", f"/contracts/{returned.id}")
        self.see("an employer whose time to recruit is over", over.employer, pages)

    def departure(self) -> None:
        asked, actor, _scene = applied(self.session)
        clearances.decide(self.session, self.staff(StaffRole.CLEARANCE_OFFICER), asked.id, "query", "Which flight?")
        self.see(
            "a worker who is asked",
            actor,
            ("/me/clearance", *(f"/me/clearance/paper/{p}" for p in ("insurance", "medical"))),
        )
        waiting, waiter, _scene = applied(self.session)
        clearances.decide(self.session, self.staff(StaffRole.CLEARANCE_OFFICER), waiting.id, "query", "Which centre?")
        # Nearly the name of the health centre that world_agencies bars.
        clearances.add_paper(self.session, waiter, "medical", picture(), Centre("Kantipur Diagnostics", "MED-901"))
        clearances.apply_for(self.session, waiter, None)
        ready, _actor, _scene, _reviewer = reviewed(self.session)
        given, holder, _scene, _reviewer = reviewed(self.session)
        clearances.decide(self.session, self.staff(StaffRole.CLEARANCE_APPROVER), given.id, "grant", "All holds")
        refused, unlucky, _scene, _reviewer = reviewed(self.session)
        clearances.decide(self.session, self.staff(StaffRole.CLEARANCE_APPROVER), refused.id, "refuse", "Look again")
        self.see("a worker who may depart", holder, ("/me", "/me/contract", "/me/clearance"))
        self.see("a worker who was refused", unlucky, ("/me/clearance",))
        self.clearance_token = documents.clearance_url(given).rsplit("/", 1)[1]
        self.troubled(_scene)
        self.exempted()
        approver = self.staff(StaffRole.CLEARANCE_APPROVER)
        files = (f"/staff/clearances/{c.id}" for c in (waiting, ready, given))
        self.see("a clearance approver", approver, ("/staff", "/staff/search", "/staff/queue/clearances", *files))

    def troubled(self, scene: contracts.Scene) -> None:
        """Cleared and stopped at the airport; held since the contract ended; stopped, and superseded by another contract."""
        session, desk = self.session, self.staff(StaffRole.AIRPORT_OFFICER)
        stopped, at_airport = self.cleared(scene)
        airport.stop(session, desk, stopped.id, "Another birth date in the passport")
        held, waiting = self.cleared(scene)
        employment.decide(session, self.staff(StaffRole.LABOUR_OFFICER), held.contract_id, "end", "No visa")
        settle(session, held.id)
        own = contracts.approved(session)
        old, again = self.cleared(own)
        airport.stop(session, desk, old.id, "Another face in the passport")
        another_contract(session, again, own)
        new = clearances.begin(session, again)
        clearances.apply_for(session, again, None)
        for who, actor in (("stopped", at_airport), ("held", waiting), ("replaced", again)):
            self.see(f"a worker who was {who}", actor, ("/me", "/me/clearance"))
        self.old_token = documents.clearance_url(old).rsplit("/", 1)[1]
        files = [f"/staff/clearances/{c.id}" for c in (stopped, held, old, new)]
        queues = ("/staff/queue/clearances-held", "/staff/queue/clearances-stopped")
        self.see("a clearance approver", self.staff(StaffRole.CLEARANCE_APPROVER), (*queues, *files))

    def cleared(self, scene: contracts.Scene) -> tuple[DepartureClearance, Actor]:
        _contract, actor, _scene = contracts.registered(self.session, scene)
        made = clearances.begin(self.session, actor)
        clearances.apply_for(self.session, actor, None)
        for action in ("review", "grant"):
            clearances.decide(self.session, self.staff(StaffRole.CLEARANCE_APPROVER), made.id, action, "All holds")
        return made, actor

    def exempted(self) -> None:
        """An exemption from a ban that waits for a colleague, and one that is in force."""
        maker, checker = (self.staff(StaffRole.EXEMPTION_OFFICER, "MOL") for _ in range(2))
        made = []
        for _number in range(2):
            proposal = Proposal(
                contracts.worker(self.session)[1], grounds.bans(self.today)[0].id, self.today + timedelta(90),
                "She returns to the household of a mission.", picture(),
            )  # fmt: skip
            made.append(exemptions.propose(self.session, maker, proposal))
        exemptions.decide(self.session, checker, made[0].id, "grant", "The letter was checked")
        pages = ("/staff", "/staff/exemptions", "/staff/exemptions/new", "/staff/queue/exemptions")
        self.see("an exemption officer", checker, (*pages, *(f"/staff/exemptions/{e.id}" for e in made)))

    def agency(self) -> None:
        made, account, actor = agencies.agency(self.session, name="Tinjure Overseas Pvt. Ltd.", native="")
        self.see("an agency at its beginning", account.id, (f"/agencies/{made.id}", f"/agencies/{made.id}/details"))
        application = agencies.fill_in(self.session, actor, made)
        page = f"/licences/applications/{application.id}"
        self.see(
            "an agency at its beginning", account.id,
            (f"/agencies/{made.id}/directors", f"/agencies/{made.id}/people", page, f"{page}/class", f"{page}/papers/tax"),
        )  # fmt: skip
        clerk = create_account(self.session, New("Kiran Bhatta", "long enough words", email="kiran@tinjure.example"))
        held = add_membership(
            self.session, clerk, kind=SubjectKind.AGENCY, subject_id=made.id, rights=[ClerkRight.PEOPLE]
        )
        owner = f"/people/agency/{made.id}/owner"
        self.see("an agency at its beginning", account.id, (owner,))
        held.offered_by, held.offered_at = account.id, db_now(self.session)
        self.see("a clerk who is asked to become the owner", clerk.id, (owner,))
        sent, _agency, _actor = agencies.submitted(
            self.session, name="Mardi Overseas Pvt. Ltd.", native="", directors=[agencies.director("27-01-70-7788")]
        )
        alpha = UUID(str(self.portal.account("agency.alpha")["agency_id"]))
        pages = ("/staff", "/staff/search", "/staff/queue/licence.new", f"/licensing/agencies/{alpha}")
        self.see(
            "a licensing officer",
            self.staff(StaffRole.LICENSING_OFFICER),
            (*pages, f"/licensing/applications/{sent.id}"),
        )
        self.licence_token = self.session.scalars(select(Licence.token).where(Licence.agency_id == alpha)).one()
        self.see("somebody with an account", agencies.account(self.session).id, ("/agencies/new", "/employers/new"))

    def renewal(self) -> None:
        begun, _licence, owner = renewals.near_its_end(self.session, "Salpa Overseas Pvt. Ltd.", number="27-01-70-5501")
        early, _licence, other = renewals.near_its_end(
            self.session, "Lumba Sumba Overseas Pvt. Ltd.", days=300, number="27-01-70-5502"
        )
        page = renewals.filled_in(self.session, owner, begun).id
        self.see(
            "an agency near the end of its licence", owner,
            (f"/agencies/{begun.id}", f"/agencies/{begun.id}/renewal", f"/licences/applications/{page}"),
        )  # fmt: skip
        self.see("an agency long before the end", other, (f"/agencies/{early.id}", f"/agencies/{early.id}/renewal"))
        paid, _agency, _licence, _owner, cashier = renewals.approved(
            self.session, name="Tilicho Overseas Pvt. Ltd.", number="27-01-70-5503"
        )
        self.see("a finance officer with a renewal", cashier, (f"/licensing/applications/{paid.id}",))

    def winding_down(self) -> None:
        made, owner = contracts.agency(self.session)
        file = winding.ended(self.session, made)
        _id, _reference, worker = contracts.worker(self.session)
        passport = custody.Document(DocumentKind.PASSPORT, "PD7654321", "Maya Rai")
        custody.declare_item(self.session, owner, file.id, passport)
        item = custody.claim_item(self.session, worker, file.id, custody.Document(DocumentKind.PASSPORT))
        owed.claim_debt(self.session, worker, file.id, owed.Debt(OwedFor.FEE, Money(1_200_000, "NPR")))
        self.see("an agency whose licence has ended", owner, (f"/agencies/{made.id}/winding-down",))
        self.see(
            "a worker whose passport is held", worker,
            ("/me/winding-down", f"/me/winding-down/{file.id}", f"/me/winding-down/documents/{item.id}"),
        )  # fmt: skip
        self.see(
            "an officer who winds down", self.staff(StaffRole.LICENSING_OFFICER),
            ("/staff/queue/winding.open", f"/licensing/winding-down/{file.id}"),
        )  # fmt: skip
        self.see("anybody with a paper or a link", None, ("/winding-down", f"/winding-down/{file.id}"))
        poor, debtor = contracts.agency(self.session)
        unpaid, award = winding.closed_unpaid(self.session, poor, debtor, worker, 85_000_00)
        self.see("an agency that owes workers money", debtor, (f"/agencies/{poor.id}/winding-down",))
        self.see("a worker whose passport is held", None, (f"/me/winding-down/sums/{award.id}",))
        self.see("an officer who winds down", None, (f"/licensing/winding-down/{unpaid.id}",))
        self.see(
            "anybody with a paper or a link", None,
            (f"/winding-down/{unpaid.id}", f"/check?q={poor.name.replace(' ', '+')}"),
        )  # fmt: skip

    def employer(self) -> None:
        scene = contracts.signed(self.session)
        draft = job_orders.draft(
            self.session, scene.employer, job_orders.Draft(scene.agency_record.id, 5, PROMISED)
        )  # fmt: skip
        steps = ("who", "work", "pay", "time", "living", "travel", "term", "check")
        fresh, _signatory = contracts.employer(self.session, accredited=False)
        invite(
            self.session, scene.employer,
            InviteClerk(SubjectKind.EMPLOYER, scene.employer_record.id, "Deepak Sharma", "deepak@lusail.example", (ClerkRight.JOB_ORDERS,)),
        )  # fmt: skip
        self.invitation = self.mailed_link("/invitations/")
        self.see(
            "an employer", scene.employer,
            ("/employer", f"/job-orders/{draft.id}", f"/people/employer/{scene.employer_record.id}",
             *(f"/employer/job-orders/new/{step}" for step in ("who", "pay")), *(f"/job-orders/{draft.id}/edit/{s}" for s in steps)),
        )  # fmt: skip
        renewing, owner = accreditations.ending(self.session)
        asked = accreditations.asked(self.session, owner)
        _growing, grower = contracts.employer(self.session)
        large = accreditations.seen(self.session, grower, RequestKind.ENLARGEMENT)
        self.see(
            "an employer near the end of its accreditation", owner,
            ("/employer", "/employer/accreditation", *(f"/employer/accreditation/{k.value}" for k in RequestKind)),
        )  # fmt: skip
        moved = corrections.propose_details(
            self.session, grower, corrections.Details(PROMISED.employer, "Lusail", "Street 14", "Building", "We moved", agencies.photo())
        )  # fmt: skip
        signs = corrections.Signatory(
            owner.require_account(), "Khalid Nasser", "Manager", "+97433700700", "A new telephone", agencies.photo()
        )
        anew = corrections.propose_signatory(self.session, owner, signs)
        kinds = (f"/employer/corrections/{k.value}" for k in CorrectionKind)
        hands_over = f"/people/employer/{renewing.id}/owner"
        self.see("an employer near the end of its accreditation", owner, ("/employer/corrections", *kinds, hands_over))
        self.see("a mission officer", None, (f"/staff/corrections/{c.id}" for c in (moved, anew)))
        self.see("a mission officer", None, (f"/staff/accreditations/{asked.id}", f"/staff/employers/{renewing.id}"))
        halted, accused = contracts.employer(self.session)
        accreditations.barred(self.session, halted)
        until = bars.Bar(self.today + timedelta(days=365), "Wages were not paid")
        bars.propose(self.session, accreditations.labour(self.session), halted.id, until)
        self.see("an employer that is barred", accused, ("/employer", "/employer/bar"))
        self.see(
            "a labour officer who accredits", None,
            (f"/staff/accreditations/{large.id}", f"/staff/employers/{halted.id}", f"/staff/employer-bars/of/{halted.id}"),
        )  # fmt: skip
        mission = self.staff(StaffRole.MISSION_OFFICER, "M-QA")
        self.see("a mission officer", mission, ("/staff", "/staff/queue/employers-new", f"/staff/employers/{fresh.id}"))
        labour = self.staff(StaffRole.LABOUR_OFFICER)
        self.see(
            "a labour officer who accredits",
            labour,
            (f"/staff/employers/{scene.employer_record.id}", "/licensing/ties"),
        )

    def mailed_link(self, start: str) -> str:
        bodies = self.session.scalars(select(OutgoingMessage).order_by(OutgoingMessage.id.desc()).limit(5)).all()
        found = next(m for m in (re.search(start + r"(\S+)", b.body or "") for b in bodies) if m)
        return found[1]

    def centre(self) -> None:
        from tests.contracts.test_orientation import centre, go_through, meeting

        _made, owner = centre(self.session)
        plan = meeting(self.session, owner)
        _id, _reference, booker = contracts.worker(self.session)
        orientation.book(self.session, booker, plan.id)
        self.see("a worker with a seat", booker, ("/me/orientation", "/me"))
        _id, _reference, graduate = contracts.worker(self.session)
        go_through(self.session, owner, plan, orientation.book(self.session, graduate, plan.id))
        self.see("a worker with a certificate", graduate, ("/me/orientation",))
        _id, _reference, looker = contracts.worker(self.session)
        meeting(self.session, owner)
        self.see("a worker who chooses a session", looker, ("/me/orientation",))
        called_off = meeting(self.session, owner)
        _id, _reference, disappointed = contracts.worker(self.session)
        orientation.book(self.session, disappointed, called_off.id)
        orientation.call_off(self.session, owner, called_off.id, "The trainer is ill")
        self.see("a worker whose session was cancelled", disappointed, ("/me/orientation",))
        door = f"/centre/sessions/{plan.id}"
        pages = ("/centre", "/centre/sessions/new", door, f"{door}?direction=out", f"/centre/sessions/{called_off.id}")
        self.see("a centre", owner, pages)
        # One person scanned at the heels of another.
        for scan in self.session.scalars(select(AttendanceEvent).order_by(AttendanceEvent.at.desc()).limit(2)):
            scan.rushed = True
        self.see(
            "an inspector",
            self.staff(StaffRole.CENTRE_INSPECTOR),
            (
                "/staff",
                "/staff/attendance",
                f"/staff/attendance/{plan.id}",
                *self.entered(SubjectKind.CENTRE, StaffRole.CENTRE_INSPECTOR),
            ),
        )

    def entered(self, kind: SubjectKind, role: StaffRole) -> list[str]:
        """The pages of organisations of a kind: the list, a new one, one without an owner and one with."""
        actor, listed = self.staff(role), f"/staff/organisations/{kind}"
        made = [
            bodies.enter(self.session, actor, bodies.KINDS[kind], bodies.Enter(f"Help {n}", "Kaski", "Maya Rai", f"maya{n}@help.example"))
            for n in (1, 2)
        ]  # fmt: skip
        account = create_account(self.session, New("Maya Rai", "long enough words", email=f"maya@{kind}.example"))
        add_membership(self.session, account, kind=kind, subject_id=made[1], is_owner=True)
        return [listed, f"{listed}/new", *(f"{listed}/{m}" for m in made)]

    # --- officers ---

    def identity(self) -> None:
        other = Mrz("P", "NPL", "TAMANG", "SUNITA", "PA9990001", "NPL", date(1996, 5, 1), "F", date(2031, 1, 1), "")
        odd, actor = migrants.applicant(self.session, number="PA9990001", mrz=other, phone="+9779841777001")
        registration.save_photo(self.session, actor, jpeg(draw(other).resize((500, 350))))
        registration.submit(self.session, actor)
        twin, actor = migrants.applicant(self.session, number="PA9990002", phone="+9779841777002")
        registration.submit(self.session, actor)
        reviewer, approver = self.staff(StaffRole.IDENTITY_OFFICER), self.staff(StaffRole.IDENTITY_APPROVER)
        recovery.propose(self.session, reviewer, odd.id, "Passport seen")
        pages = (
            "/staff",
            "/staff/search",
            "/staff/queue/mismatch",
            f"/staff/identity/{odd.id}",
            f"/staff/identity/{twin.id}",
        )
        self.see("an identity approver", approver, pages)
        child, actor = migrants.applicant(
            self.session,
            number="PA9990003",
            born=legal_today(self.session) - timedelta(days=16 * 365),
            phone="+9779841777003",
        )
        registration.submit(self.session, actor)
        self.see("a young person", actor, ("/me",))
        self.see(
            "child protection",
            self.staff(StaffRole.CHILD_PROTECTION_OFFICER),
            ("/staff", f"/staff/identity/{child.id}"),
        )

    def money(self) -> None:
        session = self.session
        remittances.rates(session)
        remittances.fill_float(session)
        _account, sender = remittances.migrant(session)
        offer = remittances.offer(session, sender)
        chosen = remittances.with_recipient(session, sender)
        waits = remittances.authorised(session, sender)
        paid = remittances.authorised(session, sender)
        reviewed, refused = (
            remittances.authorised(session, sender, LISTED, minor=minor) for minor in (100_000, 1_500_000)
        )
        maker, decider = remittances.officer(session)[1], remittances.officer(session, StaffRole.REMITTANCE_APPROVER)[1]
        remittance_officers.decide_screening(
            session, maker, refused.id, action="propose_refusal", reason="The same person."
        )
        remittance_officers.decide_screening(
            session, decider, refused.id, action="refuse", reason="The same birth date."
        )
        lines = [(paid.pays, paid.pay_reference or "", "Sita", "w1"), (Money(12_345, "QAR"), "", "Hari Rai", "w2")]
        import_statement(session, SYSTEM, statement(lines, message="W1"))
        line = session.scalars(
            select(BankLine).where(BankLine.remittance_id.is_(None)).order_by(BankLine.id.desc())
        ).first()
        assert line
        order = "/remittance/{0.id}".format
        self.see(
            "a sender", sender,
            ("/remittance", "/remittance/beneficiaries", "/remittance/quote?country=QA&amount=1000", f"{order(offer)}/recipient",
             f"{order(chosen)}/check", f"{order(chosen)}/confirm", order(waits), order(paid), order(reviewed), order(refused)),
        )  # fmt: skip
        transfer, refund, settle = self._refund()
        make_reports(session, date(2026, 11, 20), None)
        office = "/remittance-office"
        self.see(
            "a remittance officer", remittances.officer(session)[0].id,
            ("/staff", office, f"{office}/{paid.id}", f"{office}/{reviewed.id}", f"{office}/{refused.id}",
             f"{office}/refunds", f"{office}/refunds/{refund}",
             f"{office}/refunds/{settle}/settle", f"{office}/transfers/{transfer}", f"{office}/bank", f"{office}/bank/{line.id}",
             f"{office}/bank/{line.id}/attach", f"{office}/bank/{line.id}/return", f"{office}/books",
             f"{office}/reconciliation", f"{office}/reconciliation/2026-11-20"),
        )  # fmt: skip
        approver = remittances.officer(session, StaffRole.REMITTANCE_APPROVER)[0]
        self.see("a remittance approver", approver.id, ("/staff", f"{office}/refunds/{refund}"))

    def _refund(self) -> tuple[UUID, UUID, UUID]:
        """Two refunds: one that leaves by bank, one that reached nobody. Gives the transfer and both refunds."""
        from remittance.credit_transfers.models import CreditTransfer

        session, made = self.session, []
        for number in (1, 2):
            _account, actor = remittances.migrant(session)
            order = remittances.authorised(session, actor)
            line = (order.pays, order.pay_reference or "", "Sita", f"r{number}")
            data = statement([line], message=f"R{number}", account="QA58DOHB00001234" if number == 1 else "")
            import_statement(session, SYSTEM, data)
            maker, checker = (
                remittances.officer(session, r)[1]
                for r in (StaffRole.REMITTANCE_OFFICER, StaffRole.REMITTANCE_APPROVER)
            )
            refund = remittance_officers.propose_refund(
                session, maker, order.id, remittance_officers.ProposeRefund(order.paid, "asked")
            )
            remittance_officers.decide_refund(session, checker, refund.id, action="approve", reason="yes")
            made.append(refund.id)
        transfer = session.scalars(select(CreditTransfer.id).order_by(CreditTransfer.id.desc())).first()
        assert transfer
        return transfer, made[0], made[1]

    # --- the shell ---

    def sign_in(self) -> None:
        with_code = self.staff(StaffRole.FINANCE_OFFICER)
        account = self.session.get_one(UserAccount, with_code.account_id)
        account.totp_required = account.totp_confirmed = True
        account.totp_secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
        self.see("staff before the code", account.id, ("/sign-in/code",), pending=True)
        new = create_account(
            self.session, New("New officer", PASSWORD, email="new.officer@office.example", totp_required=True)
        )
        self.see("staff who set up a telephone", new.id, ("/sign-in/set-up",), pending=True)

    def administration(self) -> None:
        office = self.session.scalars(select(Office).where(Office.code == "P3")).one()
        officer = find_account(self.session, self.portal.account("licensing.officer.p3")["login"])
        assert officer
        self.see(
            "a staff administrator", self.staff(StaffRole.STAFF_ADMIN, "MOL"),
            ("/staff", "/staff/people", f"/staff/people/offices/{office.id}", f"/staff/people/{officer.id}",
             *self.entered(SubjectKind.NGO, StaffRole.STAFF_ADMIN)),
        )  # fmt: skip
        audit = ("/staff", "/staff/audit", "/staff/audit/sample", "/staff/audit/verify")
        self.see("an auditor", self.staff(StaffRole.AUDITOR, "MOL"), audit)
        self.see(
            "an auditor",
            None,
            [page for kind in ("employer", "job_order", "contract", "ban_exemption") for page in self.audited(kind)],
        )
        self.see("an auditor", None, self.audited("migrant"))

    def audited(self, kind: str) -> list[str]:
        """A row about the newest record of a kind, and the record's page when it has one."""
        query = select(AuditEvent).where(AuditEvent.subject_kind == kind, AuditEvent.action.not_in(["read", "draft"]))
        event = self.session.scalars(query.order_by(AuditEvent.at.desc()).limit(1)).one()
        pages = {"employer": "/staff/employers", "job_order": "/job-orders", "contract": "/contracts"}
        record = [f"{pages[kind]}/{event.subject_id}"] if kind in pages else []
        return [f"/staff/audit/rows/{event.id}", *record]

    def every_role(self) -> None:
        """Each role that had no part above sees at least its own first page."""
        for role in (
            StaffRole.IDENTITY_OFFICER, StaffRole.CLEARANCE_OFFICER,
        ):  # fmt: skip
            self.see(f"a {role.value.replace('_', ' ')}", self.staff(role), ("/staff",))
        self.see("an airport officer", self.staff(StaffRole.AIRPORT_OFFICER), ("/staff", "/staff/airport"))

    def anybody(self) -> None:
        self.see("anybody", None, PUBLIC)
        self.see(
            "anybody with a paper or a link", None,
            (f"/verify/{self.licence_token}", f"/verify/{self.clearance_token}", f"/verify/{self.old_token}", "/verify?code=nonsense",
             f"/invitations/{self.invitation}",
             "/dev/outbox", f"/answer?job_order={self.job}", f"/answer?job_order={self.job}&destination=SA"),
        )  # fmt: skip


PUBLIC = (
    "/", "/check", "/check?q=Alpha", "/information", "/information?country=QA", "/law", "/what-it-may-cost", "/sign-in",
    "/sign-in/forgotten", "/not-me", "/registration/new", "/recover", "/employers/register", "/agencies/register", "/agencies/claim",
    "/agencies/claim/paper", "/remittance/quote",
    "/remittance/quote?country=QA&amount=1000", "/register/log", "/register/log/days", "/register/log/history",
    "/register/data-dictionary", "/report", "/report/follow-up", "/no-such-page",
    "/answer", "/answer?agency=Alpha", "/answer?agency=Nobody+Such&destination=QA&card=x",
)  # fmt: skip
