"""The simulated tenant as its clients see it: started from the binary, signed in to, asked."""

import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request

import sign_in

CLIENT = "simulated-client"
COMPANY = "JOINERY"
USER = "API_USER"
ROOT = "/odata/v2/"


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)


class Tenant:
    """`joinery simulate` in a folder of its own, on a free port."""

    CORRELATION = "0f5f1c1e-7d2a-4a7f-9a2e-3c1b5d6e7f80"

    def __init__(self, binary, folder, people):
        words = ["simulate", "--people", str(people), "--listen", "127.0.0.1:0", "--folder", str(folder / "tenant")]
        said = folder / "said.txt"
        with open(said, "w", encoding="utf-8") as errors:
            self.process = subprocess.Popen(
                [binary, "--quiet", "--json", *words], cwd=folder, stdout=subprocess.PIPE, stderr=errors, text=True
            )
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"compare: the simulated tenant did not start: {said.read_text(encoding='utf-8')}")
        self.base = json.loads(line)["url"]
        self.key = sign_in.Key((folder / "tenant/client.key.pem").read_text())
        self.token = self.sign_in().json["access_token"]

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)

    def sign_in(self, user=USER, spoil=False, **shape):
        signed = sign_in.assertion(self.key, CLIENT, user, f"{self.base}/oauth/token", **shape)
        if spoil:
            text = sign_in.base64.b64decode(signed).replace(b"API_USER", b"somebody")
            signed = sign_in.base64.b64encode(text).decode()
        return self.send("POST", "/oauth/token", sign_in.form(COMPANY, CLIENT, signed), {})

    def send(self, method, path, body, headers):
        address = self.base + urllib.parse.quote(path, safe="/?&=$'(),:%+@*")
        request = urllib.request.Request(address, method=method, data=body)
        for name, value in headers.items():
            if value:
                request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return Answer(answer.status, answer.headers, answer.read().decode())
        except urllib.error.HTTPError as refused:
            return Answer(refused.code, refused.headers, refused.read().decode())

    def ask(self, path, method="GET", body=None, headers=None, token=None):
        """One request below /odata/v2, signed in unless `token` is ""."""
        path = path if path.startswith("/") else ROOT + path
        told = {"Accept": "application/json", "successfactors-sourcetype": "Application"}
        told["X-SF-Correlation-Id"] = self.CORRELATION
        if token != "":
            told["Authorization"] = f"Bearer {token or self.token}"
        if isinstance(body, (dict, list)):
            body, told["Content-Type"] = json.dumps(body).encode(), "application/json"
        return self.send(method, path, body, told | (headers or {}))

    def upsert(self, rows, query=""):
        return self.ask(f"upsert?$format=json{query}", "POST", rows)

    def control(self, path, body=None):
        method = "GET" if body is None else "POST"
        told = {"Content-Type": "application/json"}
        answer = self.send(method, f"/control/{path}", None if body is None else json.dumps(body).encode(), told)
        if answer.status != 200:
            raise SystemExit(f"compare: /control/{path} answered {answer.status}: {answer.body}")
        return answer.json

    def rows(self, path):
        """Every row of a list, page by page."""
        found, pages = [], 0
        while path:
            answer = self.ask(path)
            if answer.status != 200:
                raise SystemExit(f"compare: {path} answered {answer.status}: {answer.body[:300]}")
            page = answer.json["d"]
            found += page["results"]
            path = page.get("__next", "").removeprefix(self.base)
            path = urllib.parse.unquote(path) if path else None
            pages += 1
        return found, pages
