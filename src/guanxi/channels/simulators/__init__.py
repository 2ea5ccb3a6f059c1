"""A simulator of every counterpart (模拟器): it really talks, misbehaves by seed, and logs what it really accepted."""
