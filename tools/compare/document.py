"""Whole messages: headers, sessions, batches, and the metadata that the answers must agree with."""

import json
import re
import xml.etree.ElementTree as ElementTree

from shape import kind

CASES = {}


def case(name):
    def add(function):
        CASES[name] = function
        return function

    return add


@case("a request that does not say where it comes from")
def unsaid(way):
    answer = way.tenant.ask("User?$format=json&$top=1", headers={"successfactors-sourcetype": ""})
    told = answer.headers["successfactors-message"]
    if told != "successfactors-sourcetype is missing in request headers":
        way.found.append(("successfactors-message", str(told)))


@case("a batch with a changeset")
def batch(way):
    """Lines end in CRLF; a changeset is answered in its own nesting."""
    row = json.dumps({"__metadata": {"uri": f"User('{way.user}')"}, "title": "A"})
    lines = [
        "--batch_1",
        "Content-Type: multipart/mixed; boundary=changeset_1",
        "",
        "--changeset_1",
        "Content-Type: application/http",
        "Content-Transfer-Encoding: binary",
        "",
        "POST upsert?$format=json HTTP/1.1",
        "Content-Type: application/json",
        f"Content-Length: {len(row)}",
        "",
        row,
        "--changeset_1--",
        "--batch_1--",
        "",
    ]
    told = {"Content-Type": "multipart/mixed; boundary=batch_1"}
    answer = way.tenant.ask("$batch", "POST", "\r\n".join(lines).encode(), told)
    if answer.status != 202 or not answer.headers["Content-Type"].startswith("multipart/mixed; boundary="):
        way.found.append(("answer", f"{answer.status} {answer.headers['Content-Type']}"))
    nested = (
        r"--\S+\r\nContent-Type: multipart/mixed; boundary=(\S+)\r\n(?:[^\r]+\r\n)*\r\n--\1\r\n"
        r"Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n(?:[^\r]+\r\n)*\r\n"
        r"HTTP/1.1 200 OK\r\nContent-Type: application/json;charset=utf-8\r\n(?:[^\r]+\r\n)*\r\n"
        r'\{"d":\[\{"key":.*\}\]\}\r\n--\1--\r\n(?:\r\n)?--\S+--(?:\r\n)?'
    )
    if not re.fullmatch(nested, answer.body, re.DOTALL):
        way.found.append(("body", answer.body))


@case("$metadata and the rows that it describes")
def metadata(way):
    """Types and keys are the published ones, and a row has exactly the members that its type declares."""
    text = way.tenant.ask("$metadata", headers={"Accept": "application/xml"}).body
    local = lambda element: element.tag.rpartition("}")[2]
    flag = lambda element, name: next((v for k, v in element.attrib.items() if k.rpartition("}")[2] == name), "")
    types = {element.get("Name"): element for element in ElementTree.fromstring(text).iter() if local(element) == "EntityType"}
    for name, element in types.items():
        published = way.published.types.get(name, {})
        keys = [item.get("Name") for item in element.iter() if local(item) == "PropertyRef"]
        if name in way.published.keys and sorted(keys) != sorted(way.published.keys[name]):
            way.found.append((name, f"keys {keys} instead of {way.published.keys[name]}"))
        declared = set()
        for item in element:
            if local(item) == "NavigationProperty":
                declared.add(item.get("Name"))
            if local(item) != "Property":
                continue
            member, type_ = item.get("Name"), item.get("Type")
            if flag(item, "visible") == "true":
                declared.add(member)
            if member in published and published[member] != type_:
                way.found.append((f"{name}/{member}", f"{type_} instead of {published[member]}"))
            if published and member not in published:
                way.found.append((f"{name}/{member}", "declared, and not published"))
            if flag(item, "filterable") not in ("true", "false"):
                way.found.append((f"{name}/{member}", "no sap:filterable"))
        answer = way.tenant.ask(f"{name}?$format=json&$top=1")
        rows = answer.json.get("d", {}).get("results", []) if answer.status == 200 else []
        for row in rows:
            if set(row) - {"__metadata"} != declared:
                way.found.append((name, f"declared or answered only: {sorted(set(row) - {'__metadata'} ^ declared)}"))
