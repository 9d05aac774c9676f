"""The vectors of json_repair: texts, and what a careful reader makes of them.

`python -m tests.vectors.json_repair_rows` writes them.
"""
