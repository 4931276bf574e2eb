"""Requests in two registers, and networks that turn one into the other."""
