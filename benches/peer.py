"""A Python program doing what a full run does to the data: read pages, parse, choose, map, write to SQLite.

Usage: peer.py URL DATABASE [JOURNAL]

It is the peer of benches/spine: the same pages, the same 20 paths, 3 value maps and 2 expressions, the same table. It
keeps no journal, checks nothing and compares nothing, so it does less than joinery does.

With JOURNAL, a second file, it is also safe to kill, as joinery is: each page's records are compared with what was
delivered before and written down with the place of the next page, nothing is delivered before the walk has ended and
was judged, and each batch is marked as on its way before it is delivered, and as delivered after.
"""

import sqlite3
import sys
import time
import urllib.parse

import orjson
import requests

TODAY = int(time.time()) // 86400 * 86400 * 1000
STATUS = {"A": "active", "U": "leave", "P": "leave", "S": "suspended", "F": "furlough", "T": "terminated", "R": "retired"}
GENDER = {"M": "male", "F": "female"}
COUNTRY = {"DEU": "Germany", "USA": "United States", "FRA": "France", "JPN": "Japan", "IND": "India"}

COLUMNS = (
    "employee_id birth_date first_name last_name middle_name gender nationality email phone user_id "
    "user_name hire_date end_date company department division location job_code job_title cost_center manager status "
    "country display_name mail_name"
).split()


def results(nav):
    if nav is None:
        return []
    return nav["results"] if "results" in nav else [nav]


def primary(rows):
    for row in rows:
        if row.get("isPrimary"):
            return row
    return rows[0] if rows else {}


def in_force(rows):
    """The slice that counts today; of several that begin on one day the one with the highest sequence number."""
    best = None
    for row in rows:
        if number(row["startDate"]) <= TODAY <= number(row["endDate"]):
            if best is None or int(row.get("seqNumber") or 0) > int(best.get("seqNumber") or 0):
                best = row
    return best or {}


def number(date):
    return int(date[6:].split(")")[0].split("+")[0])


def chosen(employments):
    """Active before ended, then the latest start, then the smaller userId."""
    def order(employment):
        ended = employment.get("endDate") is not None
        return (ended, -number(employment.get("startDate") or "/Date(0)/"), employment["userId"])

    return min(employments, key=order) if employments else {}


def day(text):
    return None if text is None else time.strftime("%Y-%m-%d", time.gmtime(number(text) // 1000))


def record(person):
    personal = in_force(results(person.get("personalInfoNav")))
    mail = primary(results(person.get("emailNav")))
    phone = primary(results(person.get("phoneNav")))
    employment = chosen(results(person.get("employmentNav")))
    job = in_force(results(employment.get("jobInfoNav")))
    user = employment.get("userNav") or {}
    first, last = personal.get("firstName") or "", personal.get("lastName") or ""
    return (
        person["personIdExternal"],
        day(person.get("dateOfBirth")),
        first,
        last,
        personal.get("middleName"),
        GENDER.get(personal.get("gender"), "unknown"),
        personal.get("nationality"),
        mail.get("emailAddress"),
        phone.get("phoneNumber"),
        employment.get("userId"),
        user.get("username"),
        day(employment.get("startDate")),
        day(employment.get("endDate")),
        job.get("company"),
        job.get("department"),
        job.get("division"),
        job.get("location"),
        job.get("jobCode"),
        job.get("jobTitle"),
        job.get("costCenter"),
        job.get("managerId"),
        STATUS.get(job.get("emplStatus"), "unknown"),
        COUNTRY.get(personal.get("nationality"), "other"),
        f"{last.upper()}, {first}",
        (first[:1] + last).lower().replace(" ", "") if last else None,
    )


def opened(path):
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    return database


class Table:
    """The target."""

    def __init__(self, path):
        self.database = opened(path)
        columns = ", ".join(f'"{name}"' for name in COLUMNS)
        self.database.execute(f"CREATE TABLE people ({columns}, PRIMARY KEY (employee_id))")
        self.insert = f"INSERT OR REPLACE INTO people VALUES ({', '.join('?' * len(COLUMNS))})"

    def write(self, records):
        with self.database:
            self.database.executemany(self.insert, records)


class Journal:
    """What is planned, on its way and delivered, and where the walk goes on."""

    PLANNED, FLYING, DONE = 0, 1, 2

    def __init__(self, path):
        self.database = opened(path)
        self.database.executescript(
            """CREATE TABLE change (id INTEGER PRIMARY KEY, person TEXT, state INTEGER, record TEXT);
               CREATE INDEX open ON change (state) WHERE state < 2;
               CREATE TABLE link (person TEXT PRIMARY KEY, record TEXT);
               CREATE TABLE walk (place TEXT);
               INSERT INTO walk VALUES (NULL);"""
        )

    def plan(self, records, following):
        """Closes a page: what differs from what was delivered, and the place of the next page."""
        changes = []
        with self.database:
            for record in records:
                text = orjson.dumps(record).decode()
                held = self.database.execute("SELECT record FROM link WHERE person = ?", record[:1]).fetchone()
                if held is None or held[0] != text:
                    changes.append((record[0], self.PLANNED, text))
            self.database.executemany("INSERT INTO change (person, state, record) VALUES (?, ?, ?)", changes)
            self.database.execute("UPDATE walk SET place = ?", (following,))

    def judge(self):
        """A walk that found nobody must not be delivered."""
        (planned,) = self.database.execute("SELECT count(*) FROM change WHERE state = 0").fetchone()
        if not planned:
            sys.exit("nobody came")

    def deliver(self, table, batch=500):
        while True:
            with self.database:
                claimed = self.database.execute(
                    "SELECT id, person, record FROM change WHERE state = 0 ORDER BY id LIMIT ?", (batch,)
                ).fetchall()
                mark = "UPDATE change SET state = ? WHERE id = ?"
                self.database.executemany(mark, [(self.FLYING, change) for change, _, _ in claimed])
            if not claimed:
                return
            table.write([orjson.loads(text) for _, _, text in claimed])
            with self.database:
                self.database.executemany(mark, [(self.DONE, change) for change, _, _ in claimed])
                self.database.executemany(
                    "INSERT OR REPLACE INTO link VALUES (?, ?)", [(person, text) for _, person, text in claimed]
                )


def main():
    url, table = sys.argv[1], Table(sys.argv[2])
    journal = Journal(sys.argv[3]) if len(sys.argv) > 3 else None
    base = urllib.parse.urlsplit(url)
    session = requests.Session()
    people = 0
    while url:
        page = orjson.loads(session.get(url, timeout=120).content)["d"]
        records = [record(person) for person in page["results"]]
        following = page.get("__next")
        if journal:
            journal.plan(records, following)
        else:
            table.write(records)
        people += len(records)
        url = following and urllib.parse.urlunsplit(base._replace(query=urllib.parse.urlsplit(following).query))
    if journal:
        journal.judge()
        journal.deliver(table)
    print(people)


main()
