"""Documents of customers (客户资料): scans and contracts, encrypted, version by version, opened for a purpose."""
