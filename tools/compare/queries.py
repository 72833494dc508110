"""The queries that Microsoft publishes for its provisioning service, asked of the simulated tenant page by page."""

import datetime
import re

from shape import Judge, against

MANY = 100  # the page size that the queries ask for


def templates(text):
    """The queries of the file, in order, each without its `GET /odata/v2/`."""
    return [line.removeprefix("GET /odata/v2/") for line in text.splitlines() if line.startswith("GET ")]


def tree(paths):
    """`a/b,a/c` as `{"a": {"b": {}, "c": {}}}`."""
    root = {}
    for path in paths.split(","):
        at = root
        for step in path.split("/"):
            at = at.setdefault(step, {})
    return root


def moment(at):
    return f"datetimeoffset'{at:%Y-%m-%dT%H:%M:%SZ}'"


def filled(template, person, now):
    """A template with its places filled: the last day is asked for."""
    # Enough for what the script has just changed; people who changed long ago stay out.
    since, midnight = now - datetime.timedelta(hours=1), now.replace(hour=0, minute=0, second=0, microsecond=0)
    yesterday = midnight - datetime.timedelta(days=1)
    text = template.replace("<CurrentExecutionTime>", moment(now)).replace("'<id>'", f"'{person}'")
    text = text.replace("<yesterday start>", f"datetime'{yesterday:%Y-%m-%dT%H:%M:%S}'")
    text = text.replace("<yesterday end>", f"datetime'{midnight:%Y-%m-%dT%H:%M:%S}'")
    text = text.replace("'1234'", f"'{person}'").replace("asOfDate=2023-06-01", f"asOfDate={now:%Y-%m-%d}")
    text = re.sub(r"(?<= )L(?= )", moment(since), text)
    return re.sub(r"(?<= )N(?=[ )])", moment(now), text)


def expanded(path):
    return tree(re.search(r"\$expand=([^&]+)", path).group(1))


def ask(way, template, person, now):
    path = filled(template, person, now)
    if re.search(r"[<>]|\b[LN]\b", re.sub(r"'[^']*'|\d+L\b", "", path)):
        way.found.append(("template", f"a place is not filled: {path}"))
    first = way.tenant.ask(path)
    way.headers(first)
    if first.status != 200:
        return way.found.append(("query", f"{first.status}: {first.body[:300]}"))
    rows, pages = way.tenant.rows(path)
    judge = Judge(way.published, way.tenant.base, way.found)
    judge.document(first.json, is_list=True)
    expand = expanded(path)
    for row in rows:
        judge.entity(row, expand)
    if not rows:
        way.found.append(("query", "no rows came"))
    if len(first.json["d"]["results"]) > MANY:
        way.found.append(("query", f"a page of {len(first.json['d']['results'])} rows"))
    if len({row["personIdExternal"] for row in rows}) != len(rows):
        way.found.append(("query", "a person came twice"))
    against(way.recorded, rows, way.found, expand)
    never(way, rows, expand, "PerPerson")
    return rows, pages


def never(way, rows, expand, name):
    """What is expanded and has a target nowhere was not shown to be right."""
    for member, below in expand.items():
        targets = []
        for row in rows:
            value = row.get(member)
            targets += value.get("results", [value]) if isinstance(value, dict) else []
        if not targets:
            way.found.append((f"{name}/{member}", "expanded, and nobody has one"))
        else:
            never(way, targets, below, f"{name}/{member}")
