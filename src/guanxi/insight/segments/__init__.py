"""Segments (客群): a rule tree as data, over declared facts; the same rule as one SQL condition and in words."""

from guanxi.insight.segments.facts import FACTS, Fact, Kind, offered
from guanxi.insight.segments.rule import (
    Group,
    Leaf,
    Not,
    Problem,
    Rule,
    RuleRefused,
    payload_of,
    problems,
    read_rule,
    rule_hash,
)
from guanxi.insight.segments.sql import Context, expression
from guanxi.insight.segments.words import in_words

__all__ = [
    "FACTS",
    "Context",
    "Fact",
    "Group",
    "Kind",
    "Leaf",
    "Not",
    "Problem",
    "Rule",
    "RuleRefused",
    "expression",
    "in_words",
    "offered",
    "payload_of",
    "problems",
    "read_rule",
    "rule_hash",
]
