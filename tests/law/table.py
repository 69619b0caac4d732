"""What the law of each country says, written by hand from the sources and never read from the law files.

An amount is ``"NPR 5,000,000"``, a period ``"30 days"``, a number among the parts of a value ``"500"``.
``since`` is the first day of a row that states one.
"""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Source:
    instrument: str
    citation: str
    status: str
    since: date | None = None


@dataclass(frozen=True, slots=True)
class ClassLine:
    """One licence class: the amounts of its terms by part, ``workers`` from and up to (None: without end)."""

    country: str
    licence_class: str
    amounts: dict[str, str]
    source: Source
    workers: tuple[int, int | None] = (0, None)
    other: dict[str, int | bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One amount or period; ``part`` of a value that has several, ``case`` for which it holds."""

    country: str
    topic: str
    says: str
    source: Source
    part: str = ""
    case: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return "-".join((self.country, self.topic, self.part, *self.case.values()))


_NP_ACT = "Foreign Employment Act 2064, sections 10-11"
_NP_READ = "kaanun.app s.10-11 (machine translation) ; lawcommission.gov.np/np/archives/11367"
_BD_NEWS = "aviationexpress.news 2026-01-09; prachyabani.com/report/31630"
_BD_ACT = "Overseas Employment and Migrants Act 2013, section "
_IN_2017 = "in.thedollarbusiness.com/news/emigration-rules-1983-amended/51558 (Gazette text, 12 Dec 2017)"
_IN_NUMBER = (
    "shivatravelconsultant.in/guides/how-to-verify-licensed-ra-agency (licence number encodes capacity 100 and 5)"
)
_IN_RULES = "Emigration Rules 1983, rules 7(2) and 8, as amended 2017"

_IN_GUARANTEE = Source("Emigration Rules 1983, rule 8(a), as amended 2017", _IN_2017, "V", date(2017, 12, 12))
_BD_SINCE = date(2013, 10, 27)
_IN_SINCE = date(1983, 12, 30)
_IN_RULE_8 = Source(_IN_RULES, _IN_2017, "V", date(2021, 4, 1))

CLASSES = (
    ClassLine("np", "A", {"cash": "NPR 5,000,000", "guarantee": "NPR 15,000,000"}, Source(_NP_ACT, _NP_READ, "V"), (0, 3000)),
    ClassLine("np", "B", {"cash": "NPR 10,000,000", "guarantee": "NPR 30,000,000"}, Source(_NP_ACT, _NP_READ, "V"), (3001, 5000)),
    ClassLine("np", "C", {"cash": "NPR 20,000,000", "guarantee": "NPR 40,000,000"}, Source(_NP_ACT, _NP_READ, "M"), (5001, None)),
    ClassLine("bd", "standard", {"cash": "BDT 3,500,000"}, Source("", _BD_NEWS, "R", date(2026, 1, 5))),
    ClassLine("in", "full", {"guarantee": "INR 5,000,000", "application_fee": "INR 25,000"}, _IN_RULE_8),
    ClassLine(
        "in", "small", {"guarantee": "INR 800,000", "application_fee": "INR 10,000"}, _IN_RULE_8, (0, 100), {"whole_term": True},
    ),
    ClassLine(
        "lk", "standard", {"guarantee": "LKR 5,000,000", "personal_bond": "LKR 2,000,000", "application_fee": "LKR 7,262"},
        Source("", "slbfe.lk/obtain-a-recruitment-agency-licence", "V"), other={"sureties": 2},
    ),
    ClassLine(
        "ph", "standard", {"cash": "PHP 1,500,000"},
        Source("", "respicio.ph how-to-verify-a-recruitment-agencys-poea-license", "R"),
    ),
)  # fmt: skip

_PK_SOP = "dokumen.tips fresh-overseas-employment-promoter (BE&OE SOP)"
_PK_INSURED = Source("", "beoe.gov.pk/index.php/protection-and-its-benefits", "V")
_PK_CAP = Source("", "en.opn.com.pk digital payment", "R")
_LK_RENEWAL = Source("", "slbfe.lk/services-to-licensees; adaderana 91532", "V")
_NP_RULE = "Foreign Employment Rules 2064, rule "
_BD_NONE = Source("", "bmet.dhaka.gov.bd", "V")

LINES = (
    # Nepal
    Line("np", "licence.cancel.refund_days", "30 days", Source(_NP_RULE + "10", "kaanun.app rule 10", "V")),
    Line("np", "licence.min_activity", "100 workers a year", Source("", "kantipost.com 2019/04", "R")),
    Line("np", "job_order.decision_days", "4 days", Source("Foreign Employment Act 2064, section 15(2)", "kaanun.app s.15(2)", "V")),
    Line("np", "branch.domestic", "NPR 200,000", Source(_NP_RULE + "47", "kaanun.app rule 47", "V"), "deposit"),
    Line("np", "branch.abroad", "NPR 500,000", Source(_NP_RULE + "47", "kaanun.app rule 47", "V"), "deposit"),
    Line("np", "branch.abroad", "500", Source(_NP_RULE + "47", "kaanun.app rule 47", "V"), "min_workers_sent"),
    Line("np", "representative.abroad", "1", Source(_NP_RULE + "48", "kaanun.app rule 48", "V"), "card_years"),
    Line("np", "pdo.provider", "NPR 100,000", Source(_NP_RULE + "22", "lawcommission.gov.np/en/archives/6054 r.22", "V"), "deposit"),
    Line("np", "pdo.provider", "NPR 10,000", Source(_NP_RULE + "22", "lawcommission.gov.np/en/archives/6054 r.22", "V"), "fee"),
    Line("np", "representative.abroad", "NPR 200,000", Source(_NP_RULE + "48", "kaanun.app rule 48", "V"), "deposit"),
    Line("np", "fee_cap.worker", "NPR 10,000", Source("", "theannapurnaexpress.com/story/35345", "R")),
    Line("np", "welfare_fund", "NPR 1,500", Source("", "nepalnewsgazette.com; corporatekhabar.com", "R"), "up_to"),
    Line("np", "welfare_fund", "NPR 2,500", Source("", "nepalnewsgazette.com; corporatekhabar.com", "R"), "above"),
    Line("np", "pdo", "NPR 700", Source("", "newsnp.blogspot.com 2014-05 (Himalayan Times)", "R"), "fee"),
    Line("np", "pdo", "2", Source("", "newsnp.blogspot.com 2014-05 (Himalayan Times)", "R"), "days"),
    Line("np", "welfare_fund", "3", Source("", "nepalnewsgazette.com; corporatekhabar.com", "R"), "years"),
    # Bangladesh
    Line(
        "bd", "licence.min_activity", "100 workers a year",
        Source("", "metrotimes24.com 30 Oct 2025: 45 licences cancelled for <100 workers", "R"),
    ),
    Line("bd", "pdo", "3", Source("", "", "M"), "days"),
    Line(
        "bd", "training.domestic_days", "30 days", Source("", "mrc-bangladesh.org female-migration", "R"),
        case={"sex": "F", "occupation": "9111"},
    ),
    Line("bd", "clearance.fee", "BDT 3,050", Source("", "services.portal.gov.bd cs-0175", "V"), "from"),
    Line("bd", "licence.validity", "3 years", Source(_BD_ACT + "11", "bdlaws.minlaw.gov.bd act-1131 s.11", "V", _BD_SINCE)),
    Line("bd", "appeal.days", "30 days", Source(_BD_ACT + "12(3)", "accountabilityhub.org s-12(3)", "V", _BD_SINCE)),
    Line("bd", "appeal.decide_days", "60 days", Source(_BD_ACT + "12(3)", "accountabilityhub.org s-12(3)", "V", _BD_SINCE)),
    Line("bd", "complaint.time_limit", "90 days", Source(_BD_ACT + "41", "", "M", _BD_SINCE)),
    Line("bd", "fine", "BDT 50,000", Source("", "thefinancialexpress 2023-10-25", "R"), "from"),
    Line("bd", "fine", "BDT 200,000", Source("", "thefinancialexpress 2023-10-25", "R"), "to"),
    Line("bd", "fee_cap.worker", "BDT 79,000", Source("", "tbsnews; ayatoverseas.com", "R"), case={"destination": "MY"}),
    Line("bd", "fee_cap.worker", "BDT 61,850", Source("", "tbsnews; ayatoverseas.com", "R"), case={"destination": "SA"}),
    Line("bd", "registration_fee", "BDT 200", _BD_NONE),
    Line("bd", "clearance.fee", "BDT 3,450", Source("", "services.portal.gov.bd cs-0175", "V"), "to"),
    Line("bd", "age.min", "18 years", _BD_NONE),
    Line("bd", "age.min", "25 years", _BD_NONE, case={"sex": "F", "occupation": "9111"}),
    Line("bd", "age.max", "45 years", _BD_NONE),
    # India
    Line(
        "in", "licence.validity", "5 years",
        Source("", _IN_NUMBER, "R"),
    ),
    Line(
        "in", "security.guarantee_months", "102 months",
        _IN_GUARANTEE,
    ),
    Line(
        "in", "security.tranche", "INR 800,000",
        Source("Emigration Rules 1983, rule 8(c), as amended 2017", _IN_2017, "V", date(2021, 4, 1)),
        "guarantee", {"licence_class": "small"},
    ),
    Line(
        "in", "licence.suspension_max_days", "30 days", Source("Emigration Act 1983, section 14(2)", "", "M", _IN_SINCE),
    ),
    Line(
        "in", "appeal.days", "30 days",
        Source("Emigration Act 1983, section 23; rule 12", "mynation.net emi-r12 (Rule 12, s.23)", "V", _IN_SINCE),
    ),
    Line(
        "in", "security.tranche", "100", Source("Emigration Rules 1983, rule 8(c), as amended 2017", _IN_2017, "V", date(2021, 4, 1)),
        "workers", {"licence_class": "small"},
    ),
    Line("in", "clearance.max_passports_per_agent_per_day", "60 passports a day", Source("", "scroll.in/article/889561 (2018)", "R")),
    Line("in", "appeal.fee", "INR 100", Source("Emigration Rules 1983, rule 12", "mynation.net emi-r12", "V")),
    Line(
        "in", "fee_cap.worker", "INR 30,000",
        Source(
            "Emigration Rules 1983, rule 25, as amended 2017",
            "in.thedollarbusiness.com/news/emigration-rules-1983-amended/51559 (Gazette text, 14 Dec 2017)", "V", date(2017, 12, 14),
        ),
    ),
    Line(
        "in", "destination_ban.max_months", "6 months",
        Source("Emigration Act 1983, section 30(2)", "tilakmarg.com/?p=5825 (s.30(2))", "V", _IN_SINCE),
    ),
    Line("in", "employer.capacity_years", "5 years", Source("", "statusin.in/886.html", "R")),
    Line("in", "age.min", "30 years", Source("", "apnri.ap.gov.in FAQ; thelinkpaper.ca", "R"), case={"sex": "F"}),
    # Sri Lanka
    Line("lk", "licence.validity", "1 years", Source("", "slbfe.lk/services-to-licensees (annual performance)", "R")),
    Line("lk", "licence.renewal", "LKR 100,000", _LK_RENEWAL, "fee"),
    Line("lk", "licence.renewal", "30", _LK_RENEWAL, "apply_days_before"),
    Line("lk", "licence.renewal", "60", _LK_RENEWAL, "min_workers"),
    Line("lk", "job_order.validity_days", "365 days", Source("", "slbfe.lk page PID MID=61", "V")),
    Line("lk", "registration_fee", "LKR 18,000", Source("", "adaderana.lk 91532 (gazette 22 Jun 2023)", "R", date(2023, 6, 22))),
    Line(
        "lk", "fee_cap.worker", "LKR 0",
        Source("Sri Lanka Bureau of Foreign Employment Act, section 34", "srilankalaw.lk SLBFE Act contents", "R"),
    ),
    Line(
        "lk", "age.min", "21 years", Source("", "cabinet revision 2022 via domesticmaintenanceservices/helloscholar", "R"),
        case={"occupation": "9111"},
    ),
    # Pakistan
    Line("pk", "licence.application_fee", "PKR 5,000", Source("", _PK_SOP, "V")),
    Line("pk", "job_order.validity_days", "120 days", Source("", "beoe.gov.pk/permission-for-processing-foreign-demand", "V")),
    Line("pk", "fee_cap.worker", "PKR 15,000", _PK_CAP, case={"route": "agency"}),
    Line("pk", "fee_cap.worker", "PKR 6,000", _PK_CAP, case={"route": "direct"}),
    Line("pk", "registration_fee", "PKR 500", Source("", "mrc.org.pk", "R"), case={"route": "agency"}),
    Line("pk", "registration_fee", "PKR 2,500", Source("", "mrc.org.pk", "R"), case={"route": "direct"}),
    Line("pk", "insurance.amount", "PKR 1,000,000", _PK_INSURED),
    Line("pk", "insurance.premium", "PKR 2,500", _PK_INSURED),
    Line("pk", "welfare_fund", "PKR 2,000", Source("", "mrc.org.pk", "R"), "up_to"),
    Line("pk", "age.min", "25 years", Source("", "nukta.com; islamabadmail.com", "R"), case={"sex": "F", "occupation": "9111"}),
    # Philippines
    Line("ph", "licence.capital", "PHP 5,000,000", Source("", "scribd 701284498 (2023 DMW rules summary)", "R")),
    Line("ph", "licence.validity", "3 years", Source("", "scribd 701284498", "R")),
    Line("ph", "job_order.validity_days", "730 days", Source("", "polorome.freshdesk.com 31000159829", "R")),
    Line("ph", "complaint.decide_days", "90 days", Source("", "", "M")),
    Line("ph", "welfare_fund", "USD 25", Source("", "mylabormatters.com", "R"), "up_to"),
    Line("ph", "age.min", "24 years", Source("", "", "M"), case={"occupation": "9111"}),
    Line("ph", "age.min", "25 years", Source("", "nukta.com (ministry paper)", "R"), case={"occupation": "9111", "destination": "KW"}),
    Line("ph", "age.min", "30 years", Source("", "nukta.com (ministry paper)", "R"), case={"occupation": "9111", "destination": "SA"}),
)  # fmt: skip

# What nobody may be told for certain: (country, topic, case, the row that says it was looked for in vain, if one does).
UNKNOWN: tuple[tuple[str, str, dict[str, str], str | None], ...] = (
    ("np", "licence.validity", {}, "np.licence.validity"),
    ("np", "insurance.amount", {}, "np.insurance.amount"),
    ("np", "complaint.time_limit", {}, "np.complaint.time_limit"),
    ("np", "licence.suspension_max_days", {}, None),
    ("np", "appeal.days", {}, None),
    ("np", "licence.renewal", {}, None),
    ("np", "age.min", {"sex": "F", "occupation": "9111"}, None),
    ("bd", "fee_cap.worker", {"destination": "QA"}, None),
    ("bd", "licence.suspension_max_days", {}, None),
    ("bd", "licence.renewal", {}, None),
    ("bd", "security.guarantee_months", {}, None),
    ("bd", "insurance.amount", {}, None),
    ("in", "complaint.time_limit", {}, "in.complaint.time_limit"),
    ("in", "security.tranche", {"licence_class": "full"}, None),
    ("in", "age.min", {"sex": "M"}, None),
    ("in", "licence.renewal", {}, None),
    ("in", "welfare_fund", {}, None),
    ("lk", "complaint.time_limit", {}, "lk.complaint.time_limit"),
    ("lk", "pdo", {}, "lk.pdo"),
    ("lk", "appeal.days", {}, None),
    ("lk", "licence.suspension_max_days", {}, None),
    ("lk", "age.min", {"occupation": "9313"}, None),
    ("pk", "licence.class", {"licence_class": "standard"}, "pk.licence.class.standard"),
    ("pk", "licence.validity", {}, "pk.licence.validity"),
    ("pk", "complaint.time_limit", {}, "pk.complaint.time_limit"),
    ("pk", "fee_cap.worker", {}, None),
    ("pk", "appeal.days", {}, None),
    ("ph", "fee_cap.worker", {}, None),
    ("ph", "appeal.days", {}, None),
    ("ph", "licence.suspension_max_days", {}, None),
    ("ph", "age.min", {"occupation": "9313"}, None),
    ("ph", "licence.class", {"licence_class": "provisional"}, None),
)  # fmt: skip
