"""The bench (`make bench`): what Guanxi costs on this machine, each figure beside a named rival of the same run."""
