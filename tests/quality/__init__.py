"""How good the guards are, on sets that were made without looking at them: a folder for each, and what they share.

`grammar` makes texts of templates, `page` puts tables into docs/quality.md, `peers` asks other programs.
"""
