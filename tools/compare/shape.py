"""The structure of answers: what recorded answers and published metadata show, and where another answer differs."""

import csv
import re

DATE = re.compile(r"/Date\(-?\d+\)/")
MOMENT = re.compile(r"/Date\(-?\d+\+0000\)/")
WHOLE = re.compile(r"-?\d+")
DECIMAL = re.compile(r"-?\d+(\.\d+)?")

# What a value of each type looks like in JSON.
EDM = {
    "Edm.String": lambda v: isinstance(v, str),
    "Edm.Binary": lambda v: isinstance(v, str),
    "Edm.Guid": lambda v: isinstance(v, str),
    "Edm.Boolean": lambda v: isinstance(v, bool),
    "Edm.Byte": lambda v: kind(v) == "whole number",
    "Edm.Int16": lambda v: kind(v) == "whole number",
    "Edm.Int32": lambda v: kind(v) == "whole number",
    "Edm.Int64": lambda v: isinstance(v, str) and WHOLE.fullmatch(v),
    "Edm.Decimal": lambda v: isinstance(v, str) and DECIMAL.fullmatch(v),
    "Edm.Double": lambda v: kind(v) in ("whole number", "number") or (isinstance(v, str) and DECIMAL.fullmatch(v)),
    "Edm.DateTime": lambda v: isinstance(v, str) and DATE.fullmatch(v),
    "Edm.DateTimeOffset": lambda v: isinstance(v, str) and MOMENT.fullmatch(v),
}

# How a key is written in an address.
LITERAL = {
    "Edm.String": lambda v: "'" + v.replace("'", "''") + "'",
    "Edm.Int64": lambda v: v + "L",
    "Edm.Int32": str,
    "Edm.DateTime": lambda v: None,
    "Edm.Decimal": lambda v: v + "M",
}


def kind(value):
    """The kind of a JSON value, in words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int):
        return "whole number"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "date" if DATE.fullmatch(value) else "moment" if MOMENT.fullmatch(value) else "text"
    if isinstance(value, list):
        return "array"
    if set(value) == {"__deferred"}:
        return "deferred"
    if "results" in value:
        return "list"
    return "entity" if "__metadata" in value else "object"


class Published:
    """Types, keys and navigations from the metadata that tenants and SAP have published."""

    def __init__(self, samples):
        self.types, self.keys, self.navigations, self.sets = {}, {}, {}, set()
        for row in self.rows(samples / "csv/properties.csv"):
            self.types.setdefault(row["entity"], {})[row["property"]] = row["type"]
        for row in self.rows(samples / "csv/entitysets.csv"):
            self.sets.add(row["entity"])
            self.keys[row["entity"]] = row["keys"].split()
        for row in self.rows(samples / "csv/navigation.csv"):
            self.navigations.setdefault(row["entity"], {})[row["navigation"]] = row["multiplicity"]

    @staticmethod
    def rows(path):
        with open(path, newline="", encoding="utf-8") as file:
            yield from csv.DictReader(file)


class Recorded:
    """Every entity of the recorded answers, by type: its members, in order, and the kinds of their values."""

    def __init__(self):
        self.members, self.files = {}, {}

    def learn(self, value, file):
        if isinstance(value, list):
            for item in value:
                self.learn(item, file)
        elif isinstance(value, dict):
            name = str(value.get("__metadata", {}).get("type", "")).removeprefix("SFOData.")
            if name:
                members = self.members.setdefault((name, file), {})
                for member, item in value.items():
                    members.setdefault(member, set()).add(kind(item))
            for item in value.values():
                self.learn(item, file)


class Judge:
    """Judges one answer of the simulated tenant; what differs goes to `found`."""

    def __init__(self, published, base, found):
        self.published, self.base, self.found = published, base, found
        self.seen = {}

    def differs(self, where, text):
        self.found.append((where, text))

    def document(self, answer, is_list):
        """`d`, and in it the rows."""
        if list(answer) != ["d"]:
            self.differs("document", f"members {list(answer)} instead of d alone")
            return []
        rows = answer["d"]
        if not is_list:
            return [rows]
        members = [member for member in rows if member not in ("__count", "__next")]
        if members != ["results"]:
            self.differs("document", f"d holds {list(rows)}")
        if not isinstance(rows.get("__count", ""), str) or not isinstance(rows.get("__next", ""), str):
            self.differs("document", "__count and __next are text")
        return rows.get("results", [])

    def entity(self, row, expand, select=None, own=None):
        """One entity and what is expanded below it: `expand` maps a navigation to what is expanded below that one."""
        if not isinstance(row, dict) or "__metadata" not in row:
            return self.differs("document", f"{kind(row)} instead of an entity")
        meta = row["__metadata"]
        name = meta.get("type", "").removeprefix("SFOData.")
        if next(iter(row)) != "__metadata":
            self.differs(name, "__metadata is not the first member")
        if list(meta) != ["uri", "type"] or not meta["type"].startswith("SFOData."):
            self.differs(name, f"__metadata is {meta}")
        self.address(name, row, meta.get("uri", ""))
        self.order(name, row)
        if own is None:
            previous = self.seen.setdefault((name, tuple(sorted(expand))), set(row))
            if previous != set(row):
                self.differs(name, f"members come and go: {sorted(previous ^ set(row))}")
        elif set(row) - {"__metadata"} != own:
            self.differs(name, f"{sorted(set(row) - {'__metadata'})} came, {sorted(own)} were selected")
        types = self.published.types.get(name, {})
        for member, value in row.items():
            if member == "__metadata":
                continue
            if isinstance(value, dict) or member in expand:
                self.navigation(name, meta["uri"], member, value, expand)
            elif value is not None and member in types and not EDM[types[member]](value):
                self.differs(f"{name}/{member}", f"{value!r} is no {types[member]}")
        for member in expand:
            if member not in row:
                self.differs(f"{name}/{member}", "expanded, and not there")
        return name

    def address(self, name, row, uri):
        keys = self.published.keys.get(name)
        match = re.fullmatch(re.escape(self.base) + r"/odata/v2/(\w+)\((.*)\)", uri)
        if not match or match.group(1) != name:
            return self.differs(name, f"its address is {uri}")
        if not keys:
            return None
        predicate = match.group(2)
        names = re.findall(r"(?:^|,)(\w+)=", predicate) if len(keys) > 1 else keys
        if sorted(keys) != names:
            return self.differs(name, f"the keys of its address are {names}, in that order, instead of {sorted(keys)}")
        for key in keys:
            value, type_ = row.get(key), self.published.types[name].get(key)
            literal = value is not None and LITERAL.get(type_, lambda _: None)(value)
            if type_ == "Edm.DateTime" and not re.search(rf"{key}=datetime'\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d'", predicate):
                self.differs(name, f"{key} in {predicate} is no datetime")
            elif literal and literal not in predicate.replace("%20", " "):
                self.differs(name, f"{key} is {value!r}, its address says {predicate}")
        return None

    def order(self, name, row):
        """Keys stand first, navigations last."""
        keys = [key for key in self.published.keys.get(name, []) if key in row]
        first = [member for member in row if member != "__metadata"][: len(keys)]
        if set(first) != set(keys):
            self.differs(name, f"{first} stand first instead of the keys {keys}")
        late = False
        for member, value in row.items():
            navigation = member != "__metadata" and isinstance(value, dict)
            if late and not navigation and value is not None:
                self.differs(name, f"{member} stands behind a navigation")
            late = late or navigation

    def navigation(self, name, uri, member, value, expand):
        where = f"{name}/{member}"
        many = self.published.navigations.get(name, {}).get(member, "").endswith("*")
        if member not in expand:
            if kind(value) != "deferred" or value["__deferred"] != {"uri": f"{uri}/{member}"}:
                self.differs(where, f"not expanded, and yet {kind(value)}: {str(value)[:80]}")
        elif kind(value) == "list":
            if list(value) != ["results"]:
                self.differs(where, f"an expanded list has {list(value)}")
            for row in value["results"]:
                self.entity(row, expand[member])
        elif kind(value) == "entity" and not many:
            self.entity(value, expand[member])
        elif not (value is None and not many):
            self.differs(where, f"expanded {'to many' if many else 'to one'}, and {kind(value)}")


def against(recorded, rows, found, expanded=()):
    """Sets the entities of `rows` beside the recorded ones of the same type; of what is expanded only that it is there."""
    answered = Recorded()
    shown = lambda row: {name: value for name, value in row.items() if name not in expanded}
    answered.learn([shown(row) for row in rows] if isinstance(rows, list) else rows, "")
    for (name, _), members in answered.members.items():
        known = {}
        for (type_, _), kinds in recorded.members.items():
            if type_ == name:
                for member, some in kinds.items():
                    known.setdefault(member, set()).update(some)
        if not known:
            found.append((name, "no recorded answer has this type"))
        for member in known:
            if member not in members and member not in expanded:
                found.append((f"{name}/{member}", "recorded, and not answered"))
        for member, kinds in members.items():
            if member not in known:
                found.append((f"{name}/{member}", "answered, and not recorded"))
                continue
            recorded_kinds = known[member] - {"null"}
            strange = kinds - {"null"} - recorded_kinds
            if strange and recorded_kinds:
                found.append((f"{name}/{member}", f"{' or '.join(strange)} instead of {' or '.join(recorded_kinds)}"))
            if recorded_kinds and kinds == {"null"}:
                found.append((f"{name}/{member}", f"recorded as {' or '.join(recorded_kinds)}, and never has a value"))
