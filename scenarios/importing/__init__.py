"""Files that users bring: read strictly, every wrong row named at once, nothing of them ever run or interpreted.

faults     what is wrong, where, in words of both languages (words.toml); shown with hidden characters spelled out
table      CSV into rows of a pydantic model, with line numbers; types of cells: names, days, instants, amounts as whole numbers
json_file  JSON with line numbers, decimals kept as text
"""
