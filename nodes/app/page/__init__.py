"""What `/docs` is made of: template, style, script and words."""
