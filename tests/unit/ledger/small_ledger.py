"""A small ledger, with results, publications and observations, of which tests change one thing at a time."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

import yaml

from iapt_ledger.ledger.claims import as_ledger
from iapt_ledger.ledger.stamp import stamp_of
from iapt_ledger.ledger.verdicts import judge
from iapt_ledger.registry import Registry, Source
from iapt_ledger.results import Result

SENTENCE = "It is said plainly."
CLAIM = {
    "document": "timimi2015",
    "place": "page 58",
    "title": "More than half of them",
    "claim": "More than half of those counted are counted.",
    "kind": "share",
    "topic": "outcomes",
    "standards": ["difference"],
    "test": "The share against one half.",
    "headline": "count.share.now",
    "rules": [
        {"verdict": "supported", "when": "low(count.share.now) > 50", "reason": "It is more."},
        {"verdict": "partly supported", "when": "count.share.now > 50", "reason": "It may be."},
        {"verdict": "contradicted", "when": "high(count.share.now) < 50", "reason": "It is less."},
        {"verdict": "not supported", "otherwise": True, "reason": "It cannot be told."},
    ],
    "evidence": [
        {"ids": ["count.share.now"], "design": "complete count", "role": "decides"},
        {"ids": ["count.share.then"], "design": "complete count", "role": "context"},
    ],
    "readings": {"year": {"now": {}, "then": {"count.share.now": "count.share.then"}}},
    "objections": [
        "From the programme's critics: it is too much.",
        "From its defenders: it is too little.",
    ],
    "would_change": "Another count.",
    "decided": "2026-11-22",
    "history": [],
}
LACKING = {"what": "The counts.", "held_by": "Nobody.", "fetch": "No command can: there are none."}
SYNTHESIS = {
    key: value for key, value in CLAIM.items() if key not in ("headline", "rules", "readings")
} | {
    "kind": "synthesis",
    "needs": ["T01", "T02"],
    "evidence": [{"ids": ["count.share.then"], "design": "panel", "role": "context"}],
}
SOURCES = {
    "count_a": "publisher file",
    "paper_a": "abstract",
    "paper_b": "abstract",
    "article_a": "article",
    "press_a": "press",
    "page_a": "third-party page",
    "seed_t": "starting document",
    "seed_h": "starting document",
}


def a_result(name, value, low=None, high=None, **fields):
    made = {"made": "Counted.", "observations": ("counts:1-3",), "sources": ("count_a",)}
    interval = "" if low is None else "95% interval"
    return Result(name, value, "percent", low=low, high=high, interval=interval, **(made | fields))


def a_source(name, how_read):
    aliases = {"seed_t": ("timimi2015",)}.get(name, ())
    return Source(
        name,
        "A title",
        "A publisher",
        "2014",
        "Open",
        "not seen",
        how_read,
        "once",
        aliases=aliases,
    )


@dataclass
class World:
    """Everything that a verdict is worked out from; tests change it and judge again."""

    claims: dict = field(default_factory=dict)
    studies: dict = field(default_factory=dict)
    interests: dict = field(default_factory=dict)
    results: dict = field(default_factory=dict)
    sources: dict = field(default_factory=lambda: dict(SOURCES))
    observations: dict = field(default_factory=dict)

    def put(self, *results):
        self.results |= {result.id: result for result in results}
        return self

    def share(self, value, low, high, name="count.share.now", **fields):
        return self.put(a_result(name, value, low, high, **fields))

    def raw(self):
        return {
            "quoted": {
                "t01.half": {
                    "document": "timimi2015",
                    "place": "page 58",
                    "value": 50,
                    "unit": "percent",
                    "says": SENTENCE,
                }
            },
            "standards": {"difference": {"title": "Differences", "text": SENTENCE}},
            "interests": self.interests,
            "studies": self.studies,
            "claims": self.claims,
        }

    def text(self):
        raw = copy.deepcopy(self.raw())
        for entry in raw["claims"].values():
            entry.setdefault("stamp", stamp_of(entry))
        return yaml.safe_dump(raw, sort_keys=False, allow_unicode=True, width=100)

    def ledger(self):
        return as_ledger(self.raw())

    def standing(self, observation):
        return self.observations.get(observation, ("published", False))

    def judge(self):
        registry = Registry(a_source(*pair) for pair in self.sources.items())
        return judge(self.ledger(), self.results, registry=registry, standing=self.standing)

    def verdict(self, name="T01"):
        return self.judge()[name]


def a_world():
    """One claim, supported by a complete count."""
    made = World(claims={"T01": copy.deepcopy(CLAIM)})
    made.share(60.0, 55.0, 65.0).share(58.0, 52.0, 64.0, name="count.share.then")
    quoted = a_result("claims.t01.half", 50.0, status="quoted", sources=("timimi2015",))
    return made.put(quoted)


def a_synthesis(*needs):
    """A synthesis of claims, for changing."""
    return copy.deepcopy(SYNTHESIS) | {"needs": list(needs)}
