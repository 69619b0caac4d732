"""Words that say little about who somebody is: company forms, trade words, titles; and words that mean the same.

Every word stands here in the scripts that people write it in; the tables are keyed by its Latin form and its sound.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WordClass:
    """Words with one meaning. ``weight`` says how much the word tells (an ordinary word has 1)."""

    name: str
    weight: float
    words: tuple[str, ...]
    phrases: tuple[str, ...] = ()


# fmt: off
ORGANISATION_CLASSES = (
    WordClass("company", 0.03, (
        "pvt", "private", "pte", "ltd", "limited", "llp", "llc", "inc", "co", "company", "corp", "corporation", "plc", "wll",
        "fze", "fzco", "est", "establishment", "sdn", "bhd", "and",
        "the", "of", "for", "group", "pra", "li", "prali", "प्रा", "लि", "प्राली", "प्राइभेट", "लिमिटेड", "कम्पनी", "समूह", "ग्रुप",
        "एण्ड", "एन्ड", "तथा", "पब्लिक", "पप्रा", "پرائیویٹ", "پرائویٹ", "لمیٹڈ", "کمپنی", "گروپ", "اینڈ", "اور"), ("pvt ltd",)),
    WordClass("country", 0.3, ("nepal", "nepali", "nepalese", "नेपाल", "नेपाली", "نیپال", "نیپالی")),
    WordClass("employment", 0.2, (
        "employment", "employments", "job", "jobs", "work", "rojgar", "rojgari", "rozgar", "रोजगार", "रोजगारी", "रोज़गार",
        "एम्प्लोइमेन्ट", "एम्प्लोयमेन्ट", "इम्प्लोइमेन्ट", "जब", "जब्स", "روزگار", "ایمپلائمنٹ", "جابز", "ملازمت")),
    WordClass("foreign", 0.2, (
        "foreign", "overseas", "oversea", "abroad", "baideshik", "vaideshik", "baidesik", "bidesh", "videsh", "bideshi",
        "वैदेशिक", "बैदेशिक", "ओभरसिज", "ओभरसीज", "ओभरसिस", "अभरसिज", "ओवरसीज", "विदेश", "बिदेश", "विदेशी", "اوورسیز",
        "اوورسیس", "بیرون", "بیرونی", "وایدیشک"), ("over seas", "بیرون ملک", "beron mlk")),
    WordClass("manpower", 0.2, (
        "manpower", "jansakti", "janshakti", "जनशक्ति", "म्यानपावर", "मेनपावर", "मैनपावर", "मानवशक्ति", "مینپاور", "hr"),
        ("man power", "human resource", "human resources", "मानव संसाधन", "ह्युमन रिसोर्स", "म्यान पावर", "مین پاور", "افرادی قوت",
         "انسانی وسائل", "ہیومن ریسورس")),
    WordClass("recruitment", 0.2, (
        "recruitment", "recruiting", "recruiters", "recruiter", "recruit", "bharti", "भर्ती", "रिक्रुटमेन्ट", "रिक्रुटिङ", "रिक्रुटर्स",
        "ریکروٹمنٹ", "ریکروٹنگ", "بھرتی")),
    WordClass("international", 0.25, (
        "international", "intl", "int", "internasnal", "antarrashtriya", "अन्तर्राष्ट्रिय", "अन्तरराष्ट्रिय", "इन्टरनेसनल", "इन्टरनेशनल",
        "انٹرنیشنل", "اینٹرنیشنل"), ("بین الاقوامی",)),
    WordClass("services", 0.12, (
        "services", "service", "sewa", "seva", "सेवा", "सर्भिस", "सर्भिसेस", "सर्भिसेज", "सेवाहरू", "سروس", "سروسز", "خدمات")),
    WordClass("consultancy", 0.15, (
        "consultancy", "consultant", "consultants", "consulting", "consult", "परामर्श", "कन्सल्टेन्सी", "कन्सल्टेन्ट", "कन्सल्ट",
        "کنسلٹنسی", "کنسلٹنٹ", "کنسلٹنٹس", "مشاورت")),
    WordClass("agency", 0.12, ("agency", "agencies", "agents", "एजेन्सी", "ایجنسی", "ایجنسیز")),
    WordClass("placement", 0.2, ("placement", "placements", "प्लेसमेन्ट", "پلیسمنٹ")),
    WordClass("solutions", 0.2, ("solution", "solutions", "सोलुसन", "सोलुसन्स", "حل", "سلوشن", "سلوشنز")),
    WordClass("enterprise", 0.15, ("enterprise", "enterprises", "traders", "trading", "इन्टरप्राइजेज", "ट्रेडर्स", "ट्रेडिङ",
        "انٹرپرائزز", "ٹریڈرز", "ٹریڈنگ")),
    WordClass("ornament", 0.15, (
        "new", "naya", "nawa", "nava", "original", "asli", "real", "super", "best", "plus", "shree", "shri", "sri", "hamro",
        "न्यू", "नयाँ", "नव", "श्री", "असली", "सुपर", "हाम्रो", "نیو", "نیا", "اصلی", "شری", "سپر")),
    WordClass("global", 0.45, ("global", "world", "worldwide", "vishwa", "bishwa", "ग्लोबल", "विश्व", "गलोबल", "گلوبل", "عالمی",
        "ورلڈ", "वर्ल्ड")),
)

# Words of the class "company" that name no legal form: they belong to the name itself.
NO_LEGAL_FORM = (
    "and", "the", "of", "for", "group", "समूह", "ग्रुप", "एण्ड", "एन्ड", "तथा", "گروپ", "اینڈ", "اور", "গ্রুপ", "এন্ড", "অ্যান্ড", "এবং",
    "ও", "සහ", "ඇන්ඩ්", "ගෲප්",
)

# Translated proper words: told apart from a mere spelling difference, so they never make two names "the same".
TRANSLATED = (
    ("everest", "sagarmatha", "एभरेस्ट", "सगरमाथा", "ایورسٹ", "سگرماتھا"),
    ("himal", "himalaya", "himalayan", "himalayas", "हिमाल", "हिमालय", "हिमालयन", "ہمال", "ہمالیہ", "ہمالین", "ہمالیائی"),
    ("star", "tara", "स्टार", "तारा", "اسٹار", "سٹار", "ستارہ"),
    ("peace", "shanti", "पिस", "शान्ति", "امن", "شانتی"),
    ("golden", "sunaulo", "गोल्डेन", "सुनौलो", "گولڈن", "سنہری"),
    ("gate", "gateway", "dwar", "गेट", "गेटवे", "द्वार", "گیٹ", "گیٹوے"),
    ("sun", "surya", "सन", "सूर्य", "سورج", "سوریہ"),
    ("moon", "chandra", "मुन", "चन्द्र", "चाँद", "چاند", "چندر"),
    ("unity", "ekta", "united", "युनाइटेड", "एकता", "یونائیٹڈ", "اتحاد", "ایکتا"),
    ("progress", "pragati", "unnati", "प्रगति", "उन्नति", "ترقی", "پرگتی"),
    ("friendship", "maitri", "mitra", "मैत्री", "मित्रता", "دوستی"),
    ("sea", "sagar", "सागर", "ساگر", "سمندر"),
    ("lotus", "kamal", "लोटस", "कमल", "لوٹس", "کنول", "کمل"),
    ("mountain", "parbat", "pahad", "माउन्टेन", "पर्वत", "पहाड", "ماؤنٹین", "پہاڑ", "پربت"),
    ("lake", "tal", "लेक", "ताल", "جھیل", "لیک"),
    ("bright", "ujyalo", "ब्राइट", "उज्यालो", "برائٹ", "روشن"),
    ("asia", "asian", "एसिया", "एसियन", "एशिया", "ایشیا", "ایشین"),
    ("gulf", "khadi", "गल्फ", "खाडी", "گلف", "خلیج"),
    ("sky", "akash", "aakash", "स्काइ", "आकाश", "سکائی", "آکاش", "آسمان"),
)

PERSON_CLASSES = (
    WordClass("mohammad", 0.25, (
        "md", "mohd", "mohamad", "mohammad", "mohammed", "muhammad", "muhammed", "mohamed", "muhamad", "mohmad", "mohammod",
        "mo", "महम्मद", "मोहम्मद", "मोहमद", "मो", "محمد", "মোহাম্মদ", "মুহাম্মদ", "মোঃ", "মো")),
    WordClass("title", 0.05, (
        "mr", "mrs", "ms", "miss", "dr", "shri", "shree", "sri", "smt", "sushri", "shrimati", "haji", "hajji", "alhaj", "al",
        "श्री", "श्रीमती", "सुश्री", "डा", "हाजी", "جناب", "محترمہ", "حاجی", "السید", "bin", "binti", "bint", "ibn", "बिन", "بن", "بنت",
        "a", "so", "do", "wo")),
    WordClass("honorific", 0.25, (
        "mst", "mosammat", "mosamat", "musammat", "begum", "bibi", "khatun", "khatoon", "khanam", "khanum", "बेगम", "खातुन", "खातून",
        "बिबी", "بیگم", "خاتون", "بی", "مسمات", "sheikh", "shaikh", "sk", "शेख", "شیخ", "mia", "miya", "miyan", "मिया", "मियाँ", "میاں")),
    WordClass("kumar", 0.3, ("kumar", "kr", "कुमार", "کمار")),
    WordClass("kumari", 0.3, ("kumari", "ku", "कुमारी", "کماری")),
    WordClass("bahadur", 0.3, ("bahadur", "bdr", "bahadoor", "बहादुर", "بہادر")),
    WordClass("prasad", 0.3, ("prasad", "pd", "prashad", "parsad", "प्रसाद", "پرساد")),
    WordClass("devi", 0.3, ("devi", "debi", "देवी", "دیوی")),
    WordClass("lal", 0.35, ("lal", "लाल", "لال")),
    WordClass("maya", 0.45, ("maya", "माया", "مایا")),
    WordClass("man", 0.4, ("man", "मान", "مان")),
)

# Two spellings of one name that sound too different for a sound key.
PERSON_VARIANTS = (
    ("chhetri", "chetri", "kshetri", "chhettri", "ksetri", "क्षेत्री", "छेत्री", "چھیتری"),
    ("lakshmi", "laxmi", "lakchhmi", "lachhmi", "laksmi", "लक्ष्मी", "लछमी", "لکشمی"),
    ("tharu", "chaudhary", "chaudhari", "choudhary", "चौधरी", "थारू", "تھارو", "چودھری"),
    ("vishwakarma", "bishwakarma", "biswakarma", "bk", "विश्वकर्मा", "विक", "بشوکرما"),
    ("pariyar", "परियार", "پریار"),
    ("gyan", "jnan", "gian", "ज्ञान", "گیان"),
    ("ghimire", "घिमिरे", "گھمیرے"),
    ("hussain", "hossain", "hussein", "hosen", "husain", "hosain", "हुसेन", "हुसैन", "होसेन", "حسین", "হোসেন", "হোসাইন"),
    ("rahman", "rehman", "rahaman", "रहमान", "رحمن", "رحمان", "রহমান"),
    ("yadav", "jadav", "yadab", "यादव", "یادو"),
    ("kc", "khatri", "केसी", "खत्री", "کھتری"),
    ("dahal", "दाहाल", "دہال"),
    ("ahmad", "ahmed", "ahamed", "अहमद", "احمد", "আহমেদ"),
)
PLACEHOLDERS = frozenset({"fnu", "lnu", "xxx", "xx", "x", "na", "nil", "none", "unknown", "null", "n/a", "fname", "lname"})
# fmt: on
