"""Supply-chain finance: electronic receivable certificates that are split, transferred and financed through four tiers."""
