"""Serves recorded answers of real tenants as they are, syncs them with the joinery binary, and compares.

Usage: real_answers.py BINARY SAMPLES

SAMPLES holds json/User-list-page.json, json/PerPerson-list.json and metadata/*.edmx.xml. The server cuts the user list
into pages whose __next names another host with :443, as old tenants do. What joinery writes into CSV is compared with
what this script reads from the same answers by itself.
"""

import csv
import datetime
import http.server
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import urllib.parse

PAGE = 4
ELSEWHERE = "https://sfapiqacand.sflab.ondemand.com:443"


class Answers:
    def __init__(self, samples):
        self.users = json.loads((samples / "json/User-list-page.json").read_text())["d"]["results"]
        self.persons = json.loads((samples / "json/PerPerson-list.json").read_text())["d"]["results"]
        self.metadata = [path.read_text() for path in sorted((samples / "metadata").glob("*.edmx.xml"))]
        self.asked = []

    def metadata_of(self, sets):
        for text in self.metadata:
            if f'EntitySet Name="{sets[0]}"' in text:
                return text
        return None

    def page(self, rows, query):
        start = int(query.get("$skiptoken", ["0"])[0])
        answer = {"d": {"results": rows[start : start + PAGE]}}
        if start + PAGE < len(rows):
            rest = {key: value[0] for key, value in query.items() if key != "$skiptoken"}
            rest["$skiptoken"] = str(start + PAGE)
            answer["d"]["__next"] = f"{ELSEWHERE}/odata/v2/User?{urllib.parse.urlencode(rest)}"
        return answer


def handler(answers):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def send(self, status, body, kind="application/json"):
            data = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path.startswith("/oauth/token"):
                self.send(200, '{"access_token":"recorded","token_type":"Bearer","expires_in":85949}')
            else:
                self.send(405, "{}")

        def do_GET(self):
            url = urllib.parse.urlsplit(self.path)
            query = urllib.parse.parse_qs(url.query)
            answers.asked.append(url.path)
            match = re.fullmatch(r"/odata/v2/([A-Za-z0-9_,]+)(/\$metadata)?", url.path)
            sets = match.group(1).split(",") if match else []
            if match and match.group(2):
                text = answers.metadata_of(sets)
                return self.send(200, text, "application/xml") if text else self.send(404, "{}")
            if sets == ["User"]:
                return self.send(200, json.dumps(answers.page(answers.users, query)))
            if sets == ["PerPerson"]:
                return self.send(200, json.dumps({"d": {"results": answers.persons}}))
            message = {"lang": "en-US", "value": "Requested entity is not found."}
            self.send(404, json.dumps({"error": {"code": "NotFoundException", "message": message}}))

    return Handler


CONFIG = """
[store]
path = "state.db"
[connection.recorded]
api_server = "{base}"
company_id = "RECORDED"
sign_in = "saml_bearer"
client_id = "recorded"
user = "API_USER"
private_key = {{ file = "recorded.key.pem" }}
[target.users]
type = "csv"
path = "users.csv"
key = "userId"
[target.persons]
type = "csv"
path = "persons.csv"
key = "personIdExternal"
[mapping.users]
{users}
[mapping.persons]
{persons}
[sync.users]
connection = "recorded"
read = "users"
targets = ["users"]
mapping = "users"
[sync.persons]
connection = "recorded"
read = "persons"
targets = ["persons"]
mapping = "persons"
[sync.persons.employment]
assume_active = true
"""

TEXT = ["userId", "username", "firstName", "lastName", "email", "department", "division", "location", "timeZone", "status"]
PERSON_TEXT = ["personIdExternal", "perPersonUuid", "personId", "createdBy"]


def plain(value):
    """A recorded JSON value as the CSV should show it."""
    if value is None:
        return ""
    stamp = re.fullmatch(r"/Date\((-?\d+)\)/", value) if isinstance(value, str) else None
    if stamp:
        moment = datetime.datetime.fromtimestamp(int(stamp.group(1)) / 1000, datetime.timezone.utc)
        return moment.strftime("%Y-%m-%d")
    return str(value)


def compare(name, path, key, columns, rows):
    with open(path, newline="", encoding="utf-8-sig") as file:
        written = {row[key]: row for row in csv.DictReader(file)}
    if len(written) != len(rows):
        sys.exit(f"{name}: {len(written)} rows were written, {len(rows)} were recorded")
    checked = 0
    for row in rows:
        for column in columns:
            want, got = plain(row.get(column)), written[row[key]][column]
            if want != got:
                sys.exit(f"{name}: {column} of {row[key]} was recorded as {want!r} and written as {got!r}")
            checked += 1
    print(f"real answers: {name}: {len(rows)} rows, {checked} values, all as recorded")


def main():
    binary, samples = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    answers = Answers(samples)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler(answers))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        run = lambda *words: subprocess.run([binary, *words], cwd=folder, check=False, timeout=120)
        if run("--quiet", "keys", "new", "--name", "recorded", "--bits", "2048").returncode != 0:
            sys.exit("real answers: no key could be made")
        config = CONFIG.format(
            base=f"http://127.0.0.1:{server.server_port}",
            users="\n".join(f'{name} = "{name}"' for name in TEXT),
            persons="\n".join(f'{name} = "{name}"' for name in [*PERSON_TEXT, "dateOfBirth"]),
        )
        (folder / "joinery.toml").write_text(config)
        for name in ("users", "persons"):
            code = run("--quiet", "sync", name, "--full").returncode
            if code != 0:
                sys.exit(f"real answers: joinery sync {name} ended with {code}")
        compare("users", folder / "users.csv", "userId", TEXT, answers.users)
        compare("persons", folder / "persons.csv", "personIdExternal", [*PERSON_TEXT, "dateOfBirth"], answers.persons)
        pages = answers.asked.count("/odata/v2/User")
        if pages < 3:
            sys.exit(f"real answers: {pages} pages of users were asked for; __next was not followed")
    server.shutdown()


main()
