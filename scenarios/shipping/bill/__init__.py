"""The room of the bill: bookings, instructions, documents, title, platforms, credits, and documents of others."""
