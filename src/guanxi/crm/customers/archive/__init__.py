"""The archive of a customer (客户档案): notes people write, and what nights changed in the profile."""
