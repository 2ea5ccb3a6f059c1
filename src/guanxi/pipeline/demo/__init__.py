"""The demo bank (示范银行): a made-up bank's extracts, the same bytes for the same seed.

`generate` writes the history up to a business date, `generate_day` the night after; both write files of the input
contract and, apart from them, what was planted.
"""

from guanxi.pipeline.demo.bank import GeneratedBank, generate
from guanxi.pipeline.demo.next_day import generate_day

__all__ = ["GeneratedBank", "generate", "generate_day"]
