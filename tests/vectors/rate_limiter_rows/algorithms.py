"""One algorithm at a time: what it counts, when it lets go, what it says. Times are microseconds."""

from __future__ import annotations

from typing import Any

Row = tuple[str, dict[str, Any], str]


def user(rates: str, algorithm: str, **more: Any) -> dict[str, Any]:
    """One dimension."""
    return {"by_user": rates, "algorithm": algorithm, **more}


ROWS: list[Row] = [
    (
        "fixed_window",
        user("2/s", "fixed_window"),
        """
        1200000 check a 1 -> yes 1 800000 user.0 limit=2
        1300000 check a 1 -> yes 0 700000
        1300000 check a 1 -> no 0 700000 700000
        1300000 check b 1 -> yes 1 700000
        1999999 check a 1 -> no 0 1 1
        2000000 check a 1 -> yes 1 1000000
        1999999 check a 1 -> yes 0 1000000
        5500000 peek a 1 -> yes 2 0
        5500000 check a 3 -> no 2 0 -
        """,
    ),
    (
        "fixed_window_is_aligned_to_the_clock",
        user("1/7s", "fixed_window"),
        """
        13999999 check a 1 -> yes 0 1
        14000000 check a 1 -> yes 0 7000000
        20999999 check a 1 -> no 0 1 1
        """,
    ),
    (
        "sliding_window_log",
        user("3/s", "sliding_window_log"),
        """
        1000000 check a 1 -> yes 2 1000000
        1400000 check a 1 -> yes 1 1000000
        1400000 check a 1 -> yes 0 1000000
        1999999 check a 1 -> no 0 400001 1
        2000000 check a 1 -> yes 0 1000000
        2000000 check a 2 -> no 0 1000000 400000
        2000000 check a 3 -> no 0 1000000 1000000
        2000000 check a 4 -> no 0 1000000 -
        2400000 peek a 1 -> yes 2 600000
        3000000 peek a 1 -> yes 3 0
        """,
    ),
    (
        "sliding_window_is_the_log",
        user("1/s", "sliding_window"),
        """
        1500000 check a 1 -> yes 0 1000000
        2499999 check a 1 -> no 0 1 1
        2500000 check a 1 -> yes 0 1000000
        """,
    ),
    (
        "sliding_window_counter",
        user("4/s", "sliding_window_counter"),
        """
        1000000 check a 4 -> yes 0 2000000
        1500000 check a 1 -> no 0 1500000 750000
        2000000 check a 1 -> no 0 1000000 250000
        2249999 check a 1 -> no 0 750001 1
        2250000 check a 1 -> yes 0 1750000
        2500000 check a 1 -> yes 0 1500000
        2500000 check a 2 -> no 0 1500000 500000
        3000000 peek a 1 -> yes 2 1000000
        5000000 peek a 1 -> yes 4 0
        """,
    ),
    (
        "sliding_window_counter_rounds_up_what_counts",
        user("3/s", "sliding_window_counter"),
        """
        1000000 check a 3 -> yes 0 2000000
        2000001 peek a 1 -> no 0 999999 333333
        2333333 peek a 1 -> no 0 666667 1
        2333334 peek a 1 -> yes 1 666666
        """,
    ),
    (
        "gcra",
        user("2/s", "gcra"),
        """
        1000000 check a 1 -> yes 1 500000 user.0 limit=2
        1000000 check a 1 -> yes 0 1000000
        1000000 check a 1 -> no 0 1000000 500000
        1499999 check a 1 -> no 0 500001 1
        1500000 check a 1 -> yes 0 1000000
        1500000 check a 2 -> no 0 1000000 1000000
        2500000 check a 2 -> yes 0 1000000
        2500000 check a 3 -> no 0 1000000 -
        """,
    ),
    (
        "gcra_counts_thirds_of_a_second_exactly",
        user("3/s", "gcra"),
        """
        1000000 check a 3 -> yes 0 1000000
        1333333 check a 1 -> no 0 666667 1
        1333334 check a 1 -> yes 0 1000000
        1666666 check a 1 -> no 0 666668 1
        1666667 check a 1 -> yes 0 1000000
        1999999 check a 1 -> no 0 666668 1
        2000000 check a 1 -> yes 0 1000000
        """,
    ),
    (
        "token_bucket_has_a_burst",
        user("1/s burst 3", "token_bucket"),
        """
        1000000 check a 3 -> yes 0 3000000 user.0 limit=3
        1999999 check a 1 -> no 0 2000001 1
        2000000 check a 1 -> yes 0 3000000
        4000000 check a 2 -> yes 0 3000000
        9000000 peek a 4 -> no 3 0 -
        """,
    ),
    (
        "a_burst_may_be_smaller_than_the_rate",
        user("10/s burst 2", "gcra"),
        """
        1000000 check a 2 -> yes 0 200000
        1000000 check a 1 -> no 0 200000 100000
        1100000 check a 1 -> yes 0 200000
        """,
    ),
    (
        "a_clock_that_steps_back_stands_still",
        user("2/s", "gcra"),
        """
        5000000 check a 2 -> yes 0 1000000
        3000000 check a 1 -> no 0 1000000 500000
        5400000 check a 1 -> no 0 600000 100000
        5500000 check a 1 -> yes 0 1000000
        """,
    ),
    (
        "a_clock_that_steps_back_in_a_log",
        user("2/s", "sliding_window_log"),
        """
        5000000 check a 1 -> yes 1 1000000
        4000000 check a 1 -> yes 0 1000000
        5999999 check a 1 -> no 0 1 1
        6000000 check a 2 -> yes 0 1000000
        """,
    ),
    (
        "a_cost_of_nothing_takes_nothing",
        user("1/s", "gcra"),
        """
        1000000 check a 0 -> yes 1 0
        1000000 check a 1 -> yes 0 1000000
        1000000 check a 0 -> yes 0 1000000
        """,
    ),
    (
        "warm_up_of_a_bucket",
        user("10/s", "gcra", warm_up_percent=20),
        """
        1000000 peek a 1 -> yes 2 800000
        1000000 check a 2 -> yes 0 1000000
        1100000 check a 1 -> yes 0 1000000
        2100000 peek a 1 -> yes 10 0
        3099999 peek a 1 -> yes 10 0
        3100000 peek a 1 -> yes 2 800000
        """,
    ),
    (
        "warm_up_of_windows",
        {
            "warm_up_percent": 1,
            "dimensions": [
                {"name": "fixed", "limits": "5/s", "algorithm": "fixed_window"},
                {"name": "log", "limits": "5/s", "algorithm": "sliding_window_log"},
                {"name": "counter", "limits": "5/s", "algorithm": "sliding_window_counter"},
            ],
        },
        """
        1500000 check a/-/- 1 -> yes 0 500000
        1500000 check a/-/- 1 -> no 0 500000 500000
        1500000 check -/a/- 1 -> yes 0 1000000
        1500000 check -/a/- 1 -> no 0 1000000 1000000
        1500000 check -/-/a 1 -> yes 0 1500000
        1500000 check -/-/a 1 -> no 0 1500000 700000
        """,
    ),
    (
        "large_numbers",
        user("1000000000/s", "gcra"),
        """
        9000000000000000 check a 1000000000 -> yes 0 1000000
        9000000000000000 check a 1 -> no 0 1000000 1
        9000000000000000 check a 1125899906842624 -> no 0 1000000 -
        9000000000000000 check a 1125899906842625 -> error UsageError 8
        9000000000000001 check a 1 -> error UsageError 8
        """,
    ),
]
