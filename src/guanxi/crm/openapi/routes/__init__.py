"""The operations of the API, a file for each room they speak for."""
