"""What the OpenAPI document says in words, for the generator of requests: two formats, and three rules between fields."""

import re
from datetime import datetime

import schemathesis
from hypothesis import strategies as st


def field(low: int, high: int, every_day: bool = False) -> st.SearchStrategy[str]:
    """A field of a cron expression: a value, a list of two (a value twice is refused), a range, or steps that reach a second value. Steps over `*`
    are refused of days where both kinds of days are given."""
    value = st.integers(low, high)
    pair = st.lists(value, min_size=2, max_size=2, unique=True).map(sorted)
    step = st.integers(2, (high - low) // 2)
    return st.one_of(
        st.just("*"),
        value.map(str),
        pair.map(lambda two: f"{two[0]},{two[1]}"),
        pair.map(lambda two: f"{two[0]}-{two[1]}"),
        step.map(lambda every: f"{low}-{high}/{every}" if every_day else f"*/{every}"),
    )


FIELDS = [field(0, 59), field(0, 23), field(1, 28, True), field(1, 12), field(0, 6, True)]
schemathesis.openapi.format(
    "cron",
    st.one_of(st.tuples(*FIELDS), st.tuples(field(0, 59), *FIELDS)).map(" ".join),
)
schemathesis.openapi.format(
    "iana-timezone",
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]),
)


def instant(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def later(first: object, second: object) -> bool:
    """Whether both are instants, and the first is the later one."""
    one, other = instant(first), instant(second)
    if one is None or other is None or one.tzinfo is None or other.tzinfo is None:
        return False
    return one > other


@schemathesis.hook
def filter_case(context, case) -> bool:
    """False for requests that break a rule between two fields, which JSON Schema has no word for."""
    body = case.body if isinstance(case.body, dict) else {}
    # A job begins, is due and ends in this order.
    times = [body.get(name) for name in ("startAt", "nextRunAt", "endAt")]
    if later(times[0], times[1]) or later(times[1], times[2]) or later(times[0], times[2]):
        return False
    # A window ends after it began.
    query = case.query if isinstance(case.query, dict) else {}
    return not later(query.get("from"), query.get("to"))


NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")


@schemathesis.hook
def before_call(context, case, kwargs) -> None:
    """A job that is put has the name of its address. Here, as addresses come from earlier answers, after all filters."""
    name = (case.path_parameters or {}).get("name")
    body = case.body if isinstance(case.body, dict) else {}
    given = [name, body.get("name")]
    if case.method.upper() == "PUT" and all(isinstance(one, str) and NAME.fullmatch(one) for one in given):
        body["name"] = name
