"""One case for each recorded answer: what is asked of the simulated tenant, and beside what its answer is set."""

import base64
import copy
import json
import re

from shape import Judge, against

CASES = {}


def case(file):
    """Names the file of `samples/json` that a function sets an answer beside."""

    def add(function):
        CASES[file] = function
        return function

    return add


def pattern(text):
    """A recorded text as a pattern: names and numbers of the recording, and what it left out, may be anything."""
    loose = re.sub(r"…(\\ )*", ".*", re.escape(text))
    for example in ("RoleCompetencyBehaviorMappingEntity", "TimeProfile", "2020\\-03\\-17", "xxx", "FODepartment"):
        loose = loose.replace(example, "[^ ]+")
    loose = re.sub(r"Required\\ properties\\ .*?\\ are", r"Required\\ properties\\ [\\w, ]+\\ are", loose)
    loose = re.sub(r"Invalid\\ property\\ names:\\ .*?\\\.\\ ", r"Invalid\\ property\\ names:\\ [\\w/, ]+\\.\\ ", loose)
    loose = loose.replace('user\\ \\[X\\]\\ ""', 'user\\ \\[[^]]*\\]\\ "[^"]*"')
    return re.compile(loose + ("" if text.endswith("index 0") else ".*"), re.DOTALL)


def list_of(way, path, recorded=True, expand=None, select=None):
    """Asks for a list, judges it, and sets it beside what is recorded."""
    answer = way.tenant.ask(path)
    way.headers(answer)
    if answer.status != 200:
        return way.found.append((path, f"{answer.status}: {answer.body[:200]}"))
    judge = Judge(way.published, way.tenant.base, way.found)
    rows = judge.document(answer.json, is_list=True)
    if not rows:
        way.found.append((path, "no rows came"))
    for row in rows:
        judge.entity(row, expand or {}, own=select)
    if recorded:
        against(way.recorded, rows, way.found)
    return answer


@case("User-list-page.json")
def users(way):
    list_of(way, "User?$format=json&customPageSize=150")


@case("User-single-derived.json")
def user(way):
    answer = way.tenant.ask(f"User('{way.user}')?$format=json")
    way.headers(answer)
    judge = Judge(way.published, way.tenant.base, way.found)
    rows = judge.document(answer.json, is_list=False)
    for row in rows:
        judge.entity(row, {})


@case("User-list-page-with-next.RECONSTRUCTED.json")
def page_with_next(way):
    path = "User?$format=json&$select=userId,status&$inlinecount=allpages&customPageSize=100"
    recorded = way.sample["d"]
    answer = list_of(way, path, recorded=False, select={"userId", "status"})
    page = answer.json["d"]
    if list(page) != list(recorded):
        way.found.append(("d", f"{list(page)} instead of {list(recorded)}"))
    if not re.fullmatch(r"\d+", page["__count"]):
        way.found.append(("d/__count", f"{page['__count']!r} is no number as text"))
    place = lambda text: json.loads(base64.b64decode(re.search(r"\$skiptoken=([^&]+)", text).group(1).replace("%3D", "=")))
    if place(page["__next"]).keys() != place(recorded["__next"]).keys():
        way.found.append(("d/__next", f"the place is {place(page['__next'])}"))
    for option in ("$select=userId,status", "$inlinecount=allpages"):
        if option not in page["__next"].replace("%24", "$").replace("%2C", ","):
            way.found.append(("d/__next", f"{option} is not kept in {page['__next']}"))


@case("PerPerson-list.json")
def persons(way):
    list_of(way, "PerPerson?$format=json")


def foundation(set_name):
    def ask(way):
        status = "&$expand=statusNav" if "statusNav" in way.sample["d"]["results"][0] else ""
        chosen = "externalCode,name" + (",statusNav/value,statusNav/localized" if status else "")
        answer = way.tenant.ask(f"{set_name}?$format=json&$select={chosen}{status}")
        way.headers(answer)
        rows = Judge(way.published, way.tenant.base, way.found).document(answer.json, is_list=True)
        against(way.recorded, rows, way.found)
        wanted = shape(way.sample["d"]["results"][0])
        for row in rows:
            if shape(row) != wanted:
                way.found.append((set_name, f"{shape(row)} instead of {wanted}"))
        if not rows:
            way.found.append((set_name, "no rows came"))

    return ask


def shape(value):
    """Members in order, without values."""
    return [(name, shape(item)) for name, item in value.items()] if isinstance(value, dict) else None


for one in ("FOBusinessUnit", "FOCostCenter", "FODepartment", "FODivision", "FOLocation"):
    CASES[f"{one}-select-list.json"] = foundation(one)


@case("Picklist-expanded.json")
def picklists(way):
    expand = {"picklistOptions": {"picklistLabels": {}}}
    list_of(way, "Picklist?$format=json&$expand=picklistOptions/picklistLabels", expand=expand)


@case("Background_SpecialAssign-list.json")
def background(way):
    list_of(way, "Background_SpecialAssign?$format=json")


@case("Photo-entity.json")
def photo(way):
    owner = way.tenant.ask("Photo?$format=json&$select=userId&$filter=photoType eq 1&$top=1").json["d"]["results"][0]
    answer = way.tenant.ask(f"Photo(photoType=1,userId='{owner['userId']}')?$format=json")
    way.headers(answer)
    judge = Judge(way.published, way.tenant.base, way.found)
    for row in judge.document(answer.json, is_list=False):
        judge.entity(row, {})
        against(way.recorded, row, way.found)
        if "\r\n" not in row["photo"]:
            way.found.append(("Photo/photo", "no line breaks in the Base64"))


@case("empty-list.json")
def empty(way):
    answer = way.tenant.ask("User?$format=json&$filter=userId eq 'nobody-has-this-id'")
    way.headers(answer)
    way.same(answer.json)


@case("oauth-token-response.json")
def token(way):
    answer = way.tenant.sign_in()
    way.members(answer.json)
    if not answer.headers["Content-Type"].startswith("application/json"):
        way.found.append(("Content-Type", str(answer.headers["Content-Type"])))
    if way.tenant.sign_in(issuer="www.successfactors.com").json["access_token"] != answer.json["access_token"]:
        way.found.append(("access_token", "the other shape of assertion gives another token"))


@case("oauth-access-token-decoded.json")
def token_inside(way):
    inside = json.loads(base64.b64decode(way.tenant.sign_in().json["access_token"]))
    way.members(inside)
    way.members(inside["tokenContent"], way.sample["tokenContent"])
    if not re.fullmatch(r".+#DIV#.+", inside["tokenContent"]["sfPrinciple"]):
        way.found.append(("sfPrinciple", inside["tokenContent"]["sfPrinciple"]))


@case("getDynamicGroupsByUser-response.RECONSTRUCTED.json")
def groups_of_user(way):
    path = f"getDynamicGroupsByUser?userId='{way.user}'&groupSubType='permission'&$format=json"
    way.function(way.tenant.ask(path))


@case("getUsersByDynamicGroup-response.RECONSTRUCTED.json")
def users_of_group(way):
    group = way.tenant.ask("DynamicGroup?$format=json&$filter=groupType eq 'permission' and staticGroup eq true&$top=1")
    number = group.json["d"]["results"][0]["groupID"]
    way.function(way.tenant.ask(f"getUsersByDynamicGroup?groupId={number}L&activeOnly=true&$format=json"))


@case("upsert-User-request.json")
def upsert_user(way):
    made = way.tenant.upsert(way.sample)
    way.headers(made)
    expected = copy.deepcopy(way.read("upsert-User-response-updated.json"))
    expected["d"][0] |= {"editStatus": "INSERTED", "httpCode": 201}
    way.same(made.json, expected)


@case("upsert-User-response-updated.json")
def upsert_user_again(way):
    answer = way.tenant.upsert(way.read("upsert-User-request.json") | {"title": "Engineer"})
    way.same(answer.json)
    if list(answer.json["d"][0]) != list(way.sample["d"][0]):
        way.found.append(("d", f"members in the order {list(answer.json['d'][0])}"))


@case("upsert-PerEmail-two-rows-request.json")
def upsert_emails(way):
    hire(way, "1001")
    first = {"__metadata": {"uri": "PerEmail(emailType='8449',personIdExternal='1001')"}}
    way.tenant.upsert(first | {"emailAddress": "old.address@example.com", "isPrimary": True})
    answer = way.tenant.upsert(way.sample)
    row = way.read("upsert-PerEmail-response-upserted.json")["d"][0]
    keys = [f"PerEmail/emailType={kind},PerEmail/personIdExternal=1001" for kind in ("8448", "8449")]
    way.same(answer.json, {"d": [row | {"key": key, "index": index} for index, key in enumerate(keys)]})


def hire(way, name):
    """A person by upsert."""
    for row in (
        {"__metadata": {"uri": f"User('{name}')"}, "username": name, "status": "t"},
        {"__metadata": {"uri": f"PerPerson('{name}')"}, "dateOfBirth": "/Date(0)/", "userId": name},
    ):
        answer = way.tenant.upsert(row)
        if answer.json["d"][0]["status"] != "OK":
            way.found.append((name, answer.body))


@case("upsert-PerEmail-response-upserted.json")
def upsert_email(way):
    name = "adminrp"
    hire(way, name)
    row = {"__metadata": {"uri": f"PerEmail(emailType='8448',personIdExternal='{name}')"}}
    way.same(way.tenant.upsert(row | {"emailAddress": "a@example.com", "isPrimary": True}).json)


@case("upsert-DynamicGroup-request.json")
def upsert_group(way):
    answer = way.tenant.upsert(way.sample | {"groupName": "Made by an upsert"})
    row = way.read("upsert-User-response-updated.json")["d"][0]
    key = answer.json["d"][0]["key"]
    way.same(answer.json, {"d": [row | {"key": key, "editStatus": "INSERTED", "httpCode": 201}]})
    number = re.search(r"\d+", key or "0").group(0)
    group = way.tenant.ask(f"getExpandedDynamicGroupById?groupId={number}L&$format=json").json["d"]
    way.contains(group, {name: value for name, value in way.sample.items() if name != "__metadata"})


@case("upsert-inactive-user-response-error.RECONSTRUCTED.json")
def upsert_inactive(way):
    left = way.tenant.ask("User?$format=json&$select=userId&$filter=status eq 'f'&$top=1").json["d"]["results"][0]
    row = {"__metadata": {"uri": f"User('{left['userId']}')"}, "title": "Engineer"}
    way.same(way.tenant.upsert(row).json)


@case("upsert-row-messages.json")
def row_messages(way):
    """Each message, by the request that brings it."""
    tenant = way.tenant
    hire(way, "messages")
    email = {"__metadata": {"uri": "PerEmail(emailType='8448',personIdExternal='messages')"}}
    whole = email | {"emailAddress": "m@example.com", "isPrimary": True}
    taken = tenant.ask(f"User('{way.user}')?$format=json").json["d"]["username"]
    left = tenant.ask("User?$format=json&$select=userId&$filter=status eq 'f'&$top=1").json["d"]["results"][0]
    tenant.upsert(whole)
    outsider = tenant.ask("User?$format=json&$select=userId&$filter=status eq 'e'&$top=1").json["d"]["results"][0]
    requests = [
        {"__metadata": {"uri": f"User('{left['userId']}')"}, "title": "x"},
        {"__metadata": {"uri": "User('nobody-yet')"}},
        {"__metadata": {"uri": "User('second')"}, "username": taken, "status": "t"},
        {"__metadata": {"uri": f"User('{outsider['userId']}')"}, "title": "x"},
        {"__metadata": {"uri": "User('messages')"}, "status": "e"},
        {"__metadata": {"uri": "PerPersonal"}, "personIdExternal": "no-one", "startDate": "/Date(0)/", "firstName": "A"},
        email | {"operation": "DELETE"},
        whole,
    ]
    for recorded, request in zip(way.sample, requests, strict=True):
        row = tenant.upsert(request).json["d"][0]
        where = recorded["src"]
        if row["httpCode"] != recorded["http"] or row["status"] != recorded.get("status", "ERROR"):
            way.found.append((where, f"{row['status']} {row['httpCode']}"))
        if not pattern(recorded["msg"]).fullmatch(row["message"] or ""):
            way.found.append((where, f"{row['message']!r} instead of {recorded['msg']!r}"))


@case("error-bodies.json")
def errors(way):
    """Each refusal, by the request that brings it, in the order of the file."""
    tenant = way.tenant
    old, read = tenant.token, lambda path: tenant.ask(f"{path}{'&' if '?' in path else '?'}$format=json")
    deep = "/".join(["parentNav"] * 6)

    def hidden_groups():
        tenant.control("visibility", {"no_group_types": ["permission"]})
        refused = read("DynamicGroup?$filter=groupType eq 'permission'")
        tenant.control("visibility", {})
        return refused

    def expired():
        tenant.control("expire/tokens", {})
        refused = tenant.ask("User?$format=json", token=old)
        tenant.token = tenant.sign_in().json["access_token"]
        return refused

    def locked():
        tenant.control("sign-in", {"who": "API_USER", "locked": True})
        refused = tenant.sign_in()
        tenant.control("sign-in", {"who": "API_USER"})
        return refused

    wrong = {"Authorization": "Basic " + base64.b64encode(b"API_USER@JOINERY:wrong").decode()}
    rows = [{"__metadata": {"uri": f"User('{number}')"}} for number in range(1001)]
    requests = [
        lambda: tenant.ask("User?$format=json", token=""),
        lambda: tenant.ask("User?$format=json", token="", headers=wrong),
        expired,
        lambda: read("User?$filter=email eq 'a'"),
        lambda: tenant.upsert(rows),
        lambda: read(f"FODepartment?$expand={deep}"),
        hidden_groups,
        lambda: tenant.ask("checkUserPermissions?$format=json", "POST", {}),
        lambda: tenant.sign_in(user="nobody-has-this-id"),
        lambda: tenant.sign_in(spoil=True),
        locked,
        lambda: read("User?$select=usersSysIdOfSecondaryAssignmentsItemNav"),
        lambda: tenant.ask("User?$format=json", "POST", {"firstName": "Ada"}),
        lambda: read("User('nobody-has-this-id')"),
        lambda: read("RoleCompetencyBehaviorMappingEntity"),
        lambda: tenant.ask("FODepartment?$format=json", "DELETE"),
        lambda: tenant.ask("/odatav4/joinery/Simulated.svc/v1/User('nobody-has-this-id')"),
    ]
    for recorded, request in zip(way.sample, requests, strict=True):
        answer, body = request(), recorded["body"]
        text = lambda error: error.get("errorMessage") or (
            error["error"]["message"]["value"] if isinstance(error["error"]["message"], dict) else error["error"]["message"]
        )
        where = f"{recorded['http']} {text(body)[:50]}"
        if answer.status != recorded["http"]:
            way.found.append((where, f"{answer.status} came: {answer.body[:150]}"))
        if shape(answer.json) != shape(body):
            way.found.append((where, f"{shape(answer.json)} instead of {shape(body)}"))
            continue
        if "error" in body and answer.json["error"]["code"] != body["error"]["code"]:
            way.found.append((where, f"the code is {answer.json['error']['code']}"))
        if not pattern(text(body)).fullmatch(text(answer.json)):
            way.found.append((where, f"the text is {text(answer.json)!r}"))
