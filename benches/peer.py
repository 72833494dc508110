"""A Python program doing what a full run does to the data: read pages, parse, choose, map, write to SQLite.

Usage: peer.py URL DATABASE

It is the peer of benches/spine.rs: the same pages, the same 20 paths, 3 value maps and 2 expressions, the same table.
It keeps no journal, checks nothing and compares nothing, so it does less than joinery does.
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


def main():
    url, path = sys.argv[1], sys.argv[2]
    base = urllib.parse.urlsplit(url)
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    columns = ", ".join(f'"{name}"' for name in COLUMNS)
    database.execute(f"CREATE TABLE people ({columns}, PRIMARY KEY (employee_id))")
    marks = ", ".join("?" * len(COLUMNS))
    session = requests.Session()
    people = 0
    while url:
        page = orjson.loads(session.get(url, timeout=120).content)["d"]
        with database:
            rows = [record(person) for person in page["results"]]
            database.executemany(f"INSERT OR REPLACE INTO people VALUES ({marks})", rows)
        people += len(rows)
        following = page.get("__next")
        url = following and urllib.parse.urlunsplit(base._replace(query=urllib.parse.urlsplit(following).query))
    print(people)


main()
