"""What changed in the statistics while they were kept: collections and breaks in series.

Facts about the publications, each with where it was read. The methods chapter prints them; the measures handle them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Collection:
    """A way in which activity was collected, in force from `start` to `end` (empty: to this day)."""

    name: str
    start: str
    end: str
    counts: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Break:
    """A change after which figures are not what they were before."""

    when: str
    what: str
    handled: str
    sources: tuple[str, ...]


COLLECTIONS = (
    Collection(
        "KPI returns of primary care trusts",
        "2008-10-01",
        "2013-03-31",
        "people",
        ("DQ_2021", "HANSARD_2012_04_16"),
    ),
    Collection(
        "Patient-level data set v1.0",
        "2012-04-01",
        "2014-06-30",
        "referrals",
        ("AR_2012_13_PAGE", "HSCIC_NEWS_3857"),
    ),
    Collection("v1.5", "2014-07-01", "2020-08-31", "referrals", ("HSCIC_Q3_2014_15",)),
    Collection("v2.0", "2020-09-01", "2022-03-31", "referrals", ("MCN_2021", "DQ_2021")),
    Collection("v2.1", "2022-04-01", "", "referrals", ("DAPB1520", "META_ANNUAL_2024_25")),
)

BREAKS = (
    Break(
        "April 2012",
        "The patient-level data set replaces returns by primary care trusts: referrals are counted, not people. "
        "The first report counts only referrals received in the year, and its publisher says that it undercounts.",
        "2012-13 stands apart; no trend is drawn through it. Breakdowns of 2012-13 and 2013-14 count people and are "
        "not set beside later ones.",
        ("AR_2012_13_PAGE", "HSCIC_NEWS_3857"),
    ),
    Break(
        "July 2014",
        "Data set v1.5: provisional diagnosis becomes problem descriptor.",
        "Problems are compared from 2014-15. Months of 2013-14 undercount, so growth into 2014 is taken from annual "
        "reports.",
        ("HSCIC_Q3_2014_15",),
    ),
    Break(
        "2015-16",
        "Finished referrals without paired scores are counted as no reliable change in this one year.",
        "The count of that year is a measure of its own.",
        ("IAPT_AR_2015_16",),
    ),
    Break(
        "April 2017",
        "Fingertips divides reliable improvement by those at caseness and no longer by all who finished.",
        "The rates from then on are a measure of their own; national rates come from the annual reports.",
        ("FINGERTIPS_90799",),
    ),
    Break(
        "March 2020",
        "Covid: services that did not submit, fewer referrals, other people, treatment at a distance.",
        "Drawn in the charts. 2020-21 is no base for a comparison without its neighbours.",
        ("IAPT_AR_2019_20_PAGE",),
    ),
    Break(
        "September 2020",
        "Data set v2.0, with new fields and checks. 2020-21 spans both versions and was put together by a special "
        "method. Presenting complaint replaces problem descriptor; long-term conditions are coded anew, mostly not "
        "stated.",
        "Drawn in the charts. No trend of problems or long-term conditions across it.",
        ("MCN_2021", "DQ_2021", "AR_DQ_2020_21"),
    ),
    Break(
        "April 2021",
        "New age bands. First treatment is renamed accessing services, with the same construction. One provider closed "
        "many old referrals at once.",
        "No trend of age across it. The year serves as no yardstick where that provider weighs.",
        ("META_ANNUAL_2024_25", "IAPT_AR_2021_22"),
    ),
    Break(
        "April 2022",
        "Data set v2.1: recovery and improvement also count referrals measured with scales for body dysmorphic "
        "disorder, chronic fatigue, irritable bowel and other unexplained symptoms.",
        "How many were added is not held; the series is joined.",
        ("DAPB1520", "META_ANNUAL_2024_25"),
    ),
    Break(
        "July 2022",
        "The monthly file gives measures of entering treatment the name of first assessments.",
        "Measures are told apart by their number, not by their name.",
        ("META_MONTHLY_V2",),
    ),
    Break(
        "2024-25",
        "The annual files held give no count of entering treatment.",
        "Twelve monthly files are added up and said to be; they differ a little from annual reports.",
        ("NHSTT_MONTHLY",),
    ),
)
