#!/usr/bin/env python3
"""pyodata (PyPI), which knows nothing of Joinery, reads the simulated tenant.

    odata_pyodata.py URL USER PASSWORD PEOPLE

It reads $metadata, an entity, lists with filters and expansions, counts, pages, batches, and writes in a changeset.
Prints "accepted" at its end; exits with 2 when pyodata is not there, with 1 when something is not as it should be.
"""

import sys

try:
    import pyodata
    import requests
except ImportError as missing:
    print(missing, file=sys.stderr)
    sys.exit(2)


def main(url, user, password, people):
    session = requests.Session()
    session.auth = (user, password)
    client = pyodata.Client(url, session)
    sets = client.entity_sets

    names = {entity_set.name for entity_set in client.schema.entity_sets}
    assert {"User", "PerPerson", "EmpJob", "FODepartment"} <= names, names
    functions = {function.name for function in client.schema.function_imports}
    assert {"upsert", "updateStaticGroup"} <= functions, functions

    user = sets.User.get_entity("API_USER").select("userId,status").execute()
    assert (user.userId, user.status) == ("API_USER", "t")
    assert sets.PerPerson.get_entities().count().execute() == people

    first = sets.PerPerson.get_entities().top(3).expand("emailNav,employmentNav").execute()
    assert len(first) == 3
    for person in first:
        assert person.dateOfBirth.hour == 0
        assert person.employmentNav, "everybody at the front of the list has an employment"
        assert all("@" in email.emailAddress for email in person.emailNav)
    one = first[1].personIdExternal
    found = sets.PerPerson.get_entities().filter(f"personIdExternal eq '{one}'").execute()
    assert [person.personIdExternal for person in found] == [one]
    active = sets.User.get_entities().filter("status in 't','T'").count(inline=True).top(1).execute()
    assert len(active) == 1 and active.total_count > people / 2, active.total_count
    job = sets.EmpJob.get_entities().top(1).select("userId,seqNumber,startDate").execute()[0]
    assert job.seqNumber == 1 and job.startDate.year > 1950

    seen, pages, query = set(), 0, sets.PerPerson.get_entities().custom("customPageSize", "100")
    while query is not None:
        page = query.execute()
        pages += 1
        seen.update(person.personIdExternal for person in page)
        query = sets.PerPerson.get_entities().next_url(page.next_url) if page.next_url else None
    assert (len(seen), pages) == (people, -(-people // 100)), (len(seen), pages)

    batch = client.create_batch()
    batch.add_request(sets.User.get_entity("API_USER").select("userId"))
    batch.add_request(sets.PerPerson.get_entities().top(2).select("personIdExternal"))
    answers = batch.execute()
    assert answers[0].userId == "API_USER" and len(answers[1]) == 2

    changeset = client.create_changeset()
    changeset.add_request(sets.User.update_entity("API_USER", method="MERGE").set(custom01="pyodata"))
    batch = client.create_batch()
    batch.add_request(changeset)
    batch.execute()
    assert sets.User.get_entity("API_USER").execute().custom01 == "pyodata"
    print("accepted")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
