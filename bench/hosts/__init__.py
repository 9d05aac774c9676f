"""What one call costs in each host language: `python -m bench.hosts`.

The program of each host takes KIND CONFIG SMALL_FILE BIG_FILE, checks what it times, and prints a line of JSON for each
way to call: `{"host", "path", "ns_per_call": [20 samples], "mb_per_s": [20 samples]}`. These are nanoseconds of a call
that only finds, for the small text, and 10^6 bytes a second for the big one. Texts are in the language's own type.
"""
