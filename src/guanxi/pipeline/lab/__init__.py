"""The policy lab (分层试算): stored months cut again under draft policies, beside the active one."""

from guanxi.pipeline.lab.trial import Kind, Trial, TrialRefused, simulate

__all__ = ["Kind", "Trial", "TrialRefused", "simulate"]
