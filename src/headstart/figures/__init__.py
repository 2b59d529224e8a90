"""Pictures of records: one file a record."""
