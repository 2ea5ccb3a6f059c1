"""SMPP 3.4 as a client speaks it: packets, one session with its window, and delivery receipts.

Own code, because a bank must know which message was surely not taken: see docs/decisions/smpp.md. Two foreign
implementations check it in the tests: the simulator's server and another client's codec.
"""
