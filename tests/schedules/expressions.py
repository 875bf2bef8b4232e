"""Generated cron expressions and instants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st


def field(low: int, high: int) -> st.SearchStrategy[str]:
    number = st.integers(low, high)
    pair = st.tuples(number, number).map(sorted)
    step = st.integers(1, 20)
    item = st.one_of(
        number.map(str),
        pair.map(lambda p: f"{p[0]}-{p[1]}" if p[0] < p[1] else str(p[0])),
        st.tuples(pair, step).map(lambda v: f"{v[0][0]}-{v[0][1]}/{v[1]}" if v[0][0] < v[0][1] else str(v[0][0])),
        st.tuples(st.integers(low, (low + high) // 2), step).map(lambda v: f"{v[0]}/{v[1]}"),
    )
    return st.one_of(
        st.just("*"),
        step.map(lambda n: f"*/{n}"),
        number.map(str),
        st.lists(item, min_size=1, max_size=3).map(",".join),
    )


def plain(low: int, high: int) -> st.SearchStrategy[str]:
    """Without steps."""
    number = st.integers(low, high)
    pair = st.tuples(number, number).map(sorted).map(lambda p: f"{p[0]}-{p[1]}" if p[0] < p[1] else str(p[0]))
    return st.one_of(st.just("*"), number.map(str), st.lists(pair, min_size=1, max_size=3).map(",".join))


MONTHS = st.one_of(st.just("*"), st.just("*"), field(1, 12))
DAYS = st.one_of(st.just("*"), st.just("*"), field(1, 31), st.sampled_from(["L", "LW"]))
WEEKDAYS = st.one_of(st.just("*"), st.just("*"), field(0, 7), st.sampled_from(["MON-FRI", "5#2", "1L", "SUN", "2#5"]))
EXPRESSIONS = st.tuples(field(0, 59), field(0, 23), DAYS, MONTHS, WEEKDAYS).map(" ".join)
# Around the changes of recent years as well as anywhere.
INSTANTS = st.one_of(
    st.datetimes(datetime.fromisoformat("2010-01-01"), datetime.fromisoformat("2030-01-01")),
    st.tuples(
        st.sampled_from(
            ["2024-03-31T01:00", "2024-10-27T01:00", "2024-03-10T07:00", "2024-11-03T06:00", "2018-11-04T03:00"]
        ),
        st.integers(-3000, 3000),
    ).map(lambda v: datetime.fromisoformat(v[0]) + timedelta(minutes=v[1])),
).map(lambda moment: moment.replace(second=0, microsecond=0, tzinfo=UTC))

# Hours near which clocks are changed, in fields that the plainest calculator reads.
NEAR_HOURS = st.one_of(
    st.sampled_from(["*", "*/2", "*/3", "0-4", "22-23", "2", "3", "0,1,2,3", "23", "0"]), field(0, 23), field(0, 4)
)
NEAR_CHANGES = st.tuples(
    field(0, 59),
    NEAR_HOURS,
    st.one_of(st.just("*"), st.just("*"), field(1, 31)),
    st.one_of(st.just("*"), st.just("*"), field(1, 12)),
    st.one_of(st.just("*"), st.just("*"), field(0, 7)),
).map(" ".join)
