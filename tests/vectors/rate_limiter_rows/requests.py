"""Several windows, dimensions, quotas, leases and reservations. Times are microseconds."""

from __future__ import annotations

from tests.vectors.rate_limiter_rows.algorithms import Row

TWO = {"by_user": "3/s", "by_tenant": "4/s", "algorithm": "sliding_window_log"}

ROWS: list[Row] = [
    (
        "several_windows",
        {"by_user": "2/s, 3/10s", "algorithm": "sliding_window_log"},
        """
        1000000 check a 1 -> yes 1 1000000 user.0
        1000000 check a 1 -> yes 0 1000000 user.0
        2000000 check a 1 -> yes 0 10000000 user.1
        2000000 check a 1 -> no 0 10000000 9000000 user.1 limit=3
        2000000 check a 2 -> no 0 10000000 9000000 user.1
        2000000 check a 3 -> no 1 1000000 - user.0
        """,
    ),
    (
        "all_or_nothing",
        TWO,
        """
        1000000 check a/x 1 -> yes 2 1000000 user.0
        1000000 check b/x 3 -> yes 0 1000000 user.0
        1000000 check a/x 1 -> no 0 1000000 1000000 tenant.0 limit=4
        1000000 peek a/- 1 -> yes 2 1000000 user.0
        1000000 check a/y 2 -> yes 0 1000000 user.0
        1000000 check -/y 2 -> yes 0 1000000 tenant.0
        """,
    ),
    (
        "the_longest_wait_is_told",
        {"by_user": "1/s", "by_tenant": "1/3s", "algorithm": "fixed_window"},
        """
        3100000 check a/x 1 -> yes 0 900000 user.0
        3100000 check a/x 1 -> no 0 2900000 2900000 tenant.0
        3100000 check a/x 2 -> no 0 900000 - user.0
        """,
    ),
    (
        "no_dimension_applies",
        TWO,
        """
        1000000 check -/- 1 -> yes - 0
        1000000 check a 1 -> error UsageError 8
        1000000 check a/x/y 1 -> error UsageError 8
        """,
    ),
    (
        "tools_have_rates_of_their_own",
        {
            "by_tool": {"search": "1/s", "get_*": "2/s", "get_all": "9/s", "free": "unlimited"},
            "algorithm": "fixed_window",
        },
        """
        1000000 check search 1 -> yes 0 1000000 tool.0 limit=1
        1000000 check get_all 1 -> yes 1 1000000 tool.0 limit=2
        1000000 check free 1 -> yes - 0
        1000000 check other 100 -> yes - 0
        """,
    ),
    (
        "overrides_and_block_lists",
        {
            "algorithm": "fixed_window",
            "dimensions": [
                {
                    "name": "key",
                    "limits": "1/s",
                    "overrides": [
                        {"match": "team-*-lead", "limits": "5/s"},
                        {"match": "team-a", "limits": "3/s"},
                        {"match": "team-*", "limits": "2/s"},
                    ],
                    "blocked": ["evil", "*.bad"],
                }
            ],
        },
        """
        1000000 check bob 1 -> yes 0 1000000 limit=1
        1000000 check team-a 1 -> yes 2 1000000 limit=3
        1000000 check team-b 1 -> yes 1 1000000 limit=2
        1000000 check team-b-lead 1 -> yes 4 1000000 limit=5
        1000000 check evil 1 -> no 0 0 - key.- limit=0 blocked
        1000000 check x.bad 1 -> no 0 0 - blocked
        1000000 check x.bad2 1 -> yes 0 1000000
        """,
    ),
    (
        "costs_and_requests",
        {
            "algorithm": "gcra",
            "dimensions": [
                {"name": "tokens", "limits": "1000/s"},
                {"name": "requests", "limits": "2/s", "cost": "one"},
            ],
        },
        """
        1000000 check a/a 600 -> yes 1 500000 requests.0
        1000000 check a/a 600 -> no 400 600000 200000 tokens.0
        1000000 check a/a 400 -> yes 0 1000000 tokens.0
        1000000 check a/a 1 -> no 0 1000000 500000 requests.0
        """,
    ),
    (
        "reserve_and_settle_a_bucket",
        {"by_user": "1000/s", "algorithm": "token_bucket"},
        """
        1000000 check a 800 -> yes 200 800000
        1100000 settle a 800 1000000 300 -> yes 800 200000
        1100000 check a 800 -> yes 0 1000000
        1100000 settle a 800 1100000 1200 -> no 0 1400000 400000
        1500000 check a 1 -> no 0 1000000 1000
        1500000 settle a 800 1100000 99999 -> no 0 2000000 1000000
        """,
    ),
    (
        "what_has_run_out_does_not_come_back",
        {"by_user": "10/s", "algorithm": "gcra"},
        """
        1000000 check a 10 -> yes 0 1000000
        1700000 settle a 10 1000000 0 -> yes 10 0
        1700000 check a 10 -> yes 0 1000000
        3000000 check a 5 -> yes 5 500000
        3000000 settle a 10 1700000 0 -> yes 5 500000
        """,
    ),
    (
        "settle_a_fixed_window",
        {"by_user": "10/s", "algorithm": "fixed_window"},
        """
        1000000 check a 6 -> yes 4 1000000
        1500000 settle a 6 1000000 2 -> yes 8 500000
        1500000 check a 5 -> yes 3 500000
        2500000 settle a 5 1500000 0 -> yes 10 0
        2500000 check a 1 -> yes 9 500000
        2500000 settle a 5 1500000 9 -> yes 5 500000
        2500000 settle a 5 1500000 99 -> no 0 500000 500000
        2600000 settle a 1 2500000 1 -> no 0 400000 400000
        """,
    ),
    (
        "settle_a_log",
        {"by_user": "10/s", "algorithm": "sliding_window_log"},
        """
        1000000 check a 6 -> yes 4 1000000
        1200000 check a 3 -> yes 1 1000000
        1500000 settle a 6 1000000 1 -> yes 6 700000
        1500000 settle a 3 1200000 0 -> yes 9 500000
        1500000 settle a 3 1200000 0 -> yes 9 500000
        1600000 settle a 1 1000000 5 -> yes 5 1000000
        2000000 peek a 1 -> yes 6 600000
        """,
    ),
    (
        "settle_a_counter",
        {"by_user": "10/s", "algorithm": "sliding_window_counter"},
        """
        1000000 check a 10 -> yes 0 2000000
        1500000 settle a 10 1000000 8 -> yes 2 1500000
        2500000 settle a 8 1000000 4 -> yes 8 500000
        2500000 settle a 4 1000000 6 -> yes 6 1500000
        """,
    ),
    (
        "leases",
        {"dimensions": [{"name": "model", "limits": "9/s", "concurrency": 2, "lease_ms": 1000, "algorithm": "gcra"}]},
        """
        1000000 acquire m 1 -> yes 1 1000000 model.1 limit=2 lease=1
        1500000 acquire m 1 -> yes 0 1000000 model.1 lease=2
        1500000 acquire m 1 -> no 0 1000000 500000 model.1 lease=0
        1500000 check m 1 -> yes 7 222223 model.0
        1600000 release m 1 -> 1
        1600000 release m 1 -> 0
        1600000 acquire m 0 -> yes 0 1000000 lease=3
        2500000 acquire m 0 -> yes 0 1000000 lease=4
        2500000 release m 2 -> 0
        2600000 release m 3 -> 0
        2600000 release m 4 -> 1
        """,
    ),
    (
        "reset",
        TWO,
        """
        1000000 check a/x 3 -> yes 0 1000000
        1000000 reset a/- -> 1
        1000000 reset a/b -> 0
        1000000 check a/x 1 -> yes 0 1000000 tenant.0
        2000000 reset a/x -> 0
        """,
    ),
    (
        "dry_run",
        {"by_user": "1/s", "algorithm": "gcra", "dry_run": True},
        """
        1000000 check a 1 -> yes 0 1000000
        1000000 check a 1 -> yes 0 1000000 retry=1000000 would_refuse
        2000000 check a 1 -> yes 0 1000000
        """,
    ),
    (
        "long_values_are_errors",
        {"by_user": "1/s", "max_key_bytes": 4},
        """
        1000000 check abcd 1 -> yes 0 1000000
        1000000 check abcde 1 -> error InputTooLarge 40
        1000000 check ééx 1 -> error InputTooLarge 40
        1000000 peek éé 1 -> yes 1 0
        """,
    ),
]
