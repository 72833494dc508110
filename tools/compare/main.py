"""Asks the simulated tenant for every kind of answer that was recorded, and compares the structure.

Usage: main.py BINARY SAMPLES

SAMPLES holds json/*, csv/* and http/entra-queries.txt. Compared are members, JSON types, nulls, addresses, the shapes of
__metadata, __deferred and __next, and headers; values only where they are part of the structure (codes, texts of errors).
Differences that are right stand in right.py with their reasons; one that no longer comes up is a failure too. This knows
the tenant by what it answers, and nothing of how it is built.
"""

import datetime
import json
import pathlib
import re
import sys
import tempfile

import document
import queries
from cases import CASES
from right import RIGHT
from shape import Published, Recorded, kind
from tenant import Tenant

PEOPLE = 300


class Way:
    """What a case works with: the tenant, what is known, the recorded sample, and where to say what differs."""

    def __init__(self, tenant, samples):
        self.tenant, self.samples = tenant, samples
        self.published, self.recorded = Published(samples), Recorded()
        for file in sorted((samples / "json").glob("*.json")):
            if "upsert" not in file.name:
                self.recorded.learn(self.read(file.name), file.name)
        self.user = self.tenant.ask("User?$format=json&$select=userId&$top=1").json["d"]["results"][0]["userId"]
        self.sample, self.found = None, []

    def read(self, name):
        return json.loads((self.samples / "json" / name).read_text(encoding="utf-8"))

    def begin(self, name):
        """A new case; nothing differs so far."""
        file = self.samples / "json" / name
        self.sample, self.found = (self.read(name) if file.is_file() else None), []

    def headers(self, answer):
        cookies = [cookie.split("=")[0] for cookie in answer.headers.get_all("Set-Cookie") or []]
        wanted = {
            "Content-Type": answer.headers["Content-Type"] == "application/json;charset=utf-8",
            "DataServiceVersion": answer.headers["DataServiceVersion"] == "1.0",
            "Set-Cookie": "JSESSIONID" in cookies and len(cookies) == 2,
            "X-CSRF-Token": bool(answer.headers["X-CSRF-Token"]),
            "X-SF-Correlation-Id": answer.headers["X-SF-Correlation-Id"] == Tenant.CORRELATION,
            "successfactors-message": answer.headers["successfactors-message"] is None,
        }
        for name, right in wanted.items():
            if not right:
                self.found.append((f"header {name}", str(answer.headers.get_all(name))))

    def same(self, answer, expected=None):
        """The answer is the recorded one, value for value."""
        expected = self.sample if expected is None else expected
        if answer != expected:
            self.found.append(("body", f"{json.dumps(answer)[:300]} instead of {json.dumps(expected)[:300]}"))

    def members(self, answer, expected=None):
        """The same members with values of the same kinds."""
        expected = self.sample if expected is None else expected
        kinds = lambda value: {name: kind(item) for name, item in value.items()}
        if kinds(answer) != kinds(expected):
            self.found.append(("members", f"{kinds(answer)} instead of {kinds(expected)}"))

    def function(self, answer):
        """The answer of a function import: rows of a complex type."""
        self.headers(answer)
        rows, recorded = answer.json.get("d"), self.sample["d"]
        if kind(rows) != kind(recorded) or not rows:
            return self.found.append(("d", f"{kind(rows)} instead of {kind(recorded)}"))
        for row in rows:
            if set(row) != set(recorded[0]):
                return self.found.append(("d", f"members {sorted(row)} instead of {sorted(recorded[0])}"))
            for name, value in recorded[0].items():
                if value is not None and row[name] is not None and kind(row[name]) != kind(value):
                    self.found.append((f"d/{name}", f"{kind(row[name])} instead of {kind(value)}"))
        return None

    def contains(self, answer, written, where="d"):
        """What was written can be read: every member, at its place."""
        if isinstance(written, list):
            rows = answer.get("results") if isinstance(answer, dict) else answer
            if not isinstance(rows, list) or len(rows) != len(written):
                return self.found.append((where, f"{kind(answer)} instead of {len(written)} rows"))
            for row, one in zip(rows, written):
                self.contains(row, one, where)
        elif isinstance(written, dict):
            for name, value in written.items():
                if name != "__metadata":
                    if not isinstance(answer, dict) or name not in answer:
                        return self.found.append((f"{where}/{name}", "written, and not read"))
                    self.contains(answer[name], value, f"{where}/{name}")
        elif answer != written and not re.fullmatch(r"\d+_\d+", str(written)):
            self.found.append((where, f"{answer!r} was read, {written!r} was written"))
        return None


class Judgement:
    """Sorts what differs into what is right and what is not."""

    def __init__(self):
        self.used, self.wrong, self.excused = set(), 0, 0

    def of(self, name, found):
        wrong = []
        for where, text in sorted(set(found)):
            entry = next((entry for entry in RIGHT if excuses(entry, name, where, text)), None)
            if entry is None:
                wrong.append(f"    {where}: {text}")
            else:
                self.used.add(entry)
        self.excused += len(set(found)) - len(wrong)
        self.wrong += len(wrong)
        if wrong:
            print(f"compare: {name} differs:", *wrong, sep="\n")

    def unused(self):
        for entry in RIGHT:
            if entry not in self.used:
                self.wrong += 1
                print(f"compare: nothing differs any more as right.py has it: {entry[:3]}")


def excuses(entry, *found):
    return all(re.fullmatch(pattern, text, re.DOTALL) for pattern, text in zip(entry, found))


def changed(tenant):
    """Somebody who has what the queries expand, and several who changed in the last hour."""
    path = "EmpEmployment?$format=json&$expand=empGlobalAssignmentNav,jobInfoNav/locationNav/addressNavDEFLT/stateNav"
    employments, _ = tenant.rows(path)
    below = lambda row: [job["locationNav"]["addressNavDEFLT"]["stateNav"] for job in row["jobInfoNav"]["results"]]
    abroad = [row for row in employments if row["empGlobalAssignmentNav"] and below(row)]
    sited = [row for row in employments if any(below(row))]
    if not abroad or not sited:
        raise SystemExit("compare: nobody is on a global assignment, or works in a place with a state")
    for row in abroad[:1] + sited[:5]:
        tenant.control("people/phone", {"who": row["personIdExternal"], "number": "+44 20 7946 0000", "primary": True})
    return abroad[0]["personIdExternal"]


def run(binary, samples):
    judgement = Judgement()
    with tempfile.TemporaryDirectory() as folder:
        tenant = Tenant(binary, pathlib.Path(folder), PEOPLE)
        try:
            way = Way(tenant, samples)
            files = sorted(file.name for file in (samples / "json").glob("*.json"))
            for file in sorted(set(files) ^ set(CASES)):
                judgement.of(file, [("file", "there is no case for it" if file in files else "there is no such file")])
            for file in [file for file in CASES if file in files]:
                way.begin(file)
                CASES[file](way)
                judgement.of(file, way.found)
            text = (samples / "http/entra-queries.txt").read_text(encoding="utf-8")
            person = changed(tenant)
            asked = queries.templates(text)
            for number, template in enumerate(asked, 1):
                name = f"entra-queries.txt {number}"
                way.begin(name)
                queries.ask(way, template, person, datetime.datetime.now(datetime.timezone.utc))
                judgement.of(name, way.found)
            for name, ask in document.CASES.items():
                way.begin(name)
                ask(way)
                judgement.of(name, way.found)
        finally:
            tenant.stop()
    judgement.unused()
    if judgement.wrong or len(asked) < 4:
        sys.exit(f"compare: {judgement.wrong} differences, {len(asked)} queries")
    print(
        f"compare: {len(files)} recorded answers and {len(asked)} queries: the same structure;"
        f" {judgement.excused} differences are right, for {len(RIGHT)} reasons"
    )


if __name__ == "__main__":
    run(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve())
