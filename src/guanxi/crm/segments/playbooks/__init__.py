"""Playbooks (经营方案): the policy's plans, who is on each, how their steps go, and binding a segment to one."""
