"""Typed tables of a ledger for analysts: what is in them (`tables`), Parquet and DuckDB files, and their verification."""
