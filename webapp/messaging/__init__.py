"""The delivery engine: outbox and inbox in the database, a doorbell in Redis; it knows no topic."""
