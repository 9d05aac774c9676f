r"""One regular expression for each shape that cpex-pii-filter 0.3.9 looks for, as its documentation describes them.

Hyperscan and the "one `re.finditer` pass per type" baseline run these; they neither check digits nor resolve overlaps.
Nothing of our own engines may read them. Tests: tests/bench/test_corpora.py.
"""

from __future__ import annotations

_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_MONTH_DAY_YEAR = r"(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])/(?:19|20)\d{2}"

#: Type and pattern, all read without regard to case.
PATTERNS: tuple[tuple[str, str], ...] = (
    ("ssn", r"\b\d{3}-\d{2}-\d{4}\b"),
    ("ssn", r"\b(?:SSN|Social Security(?: Number)?)[:\s#-]*\d{9}\b"),
    ("bsn", r"\b(?:BSN|Citizen ID|Citizen Service Number|Burgerservicenummer)[:\s#]*\d{9}\b"),
    ("bsn", r"\b(?:My )?BSN (?:is )?\d{9}\b"),
    ("credit_card", r"\b(?:\d[-\s]?){12,18}\d\b"),
    ("email", r"\b[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Z|a-z]{2,}\b"),
    ("phone", r"\b(?:\+?1[-.\s]?)?\(?\d{3}\)?[-.\s]?\d{3}[-.\s]?\d{4}\b"),
    ("phone", r"\+[1-9]\d{9,14}\b"),
    ("ip_address", rf"\b(?:{_OCTET}\.){{3}}{_OCTET}\b"),
    ("ip_address", r"\b(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}\b"),
    ("date_of_birth", rf"\b(?:DOB|Date of Birth|Born|Birthday)[:\s]+{_MONTH_DAY_YEAR}\b"),
    ("date_of_birth", rf"\b{_MONTH_DAY_YEAR}\b"),
    ("passport", r"\bPassport(?: Number| No)?[:\s#]+[A-Z0-9]{6,9}\b"),
    ("driver_license", r"\b(?:Driver'?s? )?Licen[sc]e(?: Number| No)?[:\s#]+[A-Z0-9]{5,20}\b"),
    ("bank_account", r"\bAccount(?: Number| No)?[:\s#]+\d{8,17}\b"),
    ("bank_account", r"\b[A-Z]{2}\d{2}[A-Z0-9]{4}\d{7}(?:\d{3})?\b"),
    ("medical_record", r"\b(?:MRN|Medical Record(?: Number)?)[:\s#]+[A-Z0-9]{6,12}\b"),
)
