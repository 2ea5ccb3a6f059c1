"""Conversations with the outside: each channel's protocol behind one face, and a simulator of each counterpart."""
