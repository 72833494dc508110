// The SAP Cloud SDK (npm @sap-cloud-sdk/odata-v2), which knows nothing of Joinery, reads the simulated tenant with
// the classes that its generator made from the tenant's $metadata.
//
//     node odata_sap_sdk.cjs URL USER PASSWORD PEOPLE FOLDER
//
// Prints "accepted" at its end; fails with a trace when something is not as it should be.
'use strict';
const assert = require('node:assert');
const { createRequire } = require('node:module');
const path = require('node:path');

const [url, username, password, people, folder] = process.argv.slice(2);
const generated = require(path.resolve(folder));
const { asc } = createRequire(path.resolve(folder, 'index.js'))('@sap-cloud-sdk/odata-common');
const service = Object.values(generated).find(one => typeof one === 'function' && /^tenant$/i.test(one.name));
const { userApi, perPersonApi, empJobApi } = service();
const destination = { url: new URL(url).origin, username, password, authentication: 'BasicAuthentication' };
const ask = request => request.setBasePath(new URL(url).pathname).execute(destination);

async function main() {
  const user = userApi.schema;
  const person = perPersonApi.schema;

  const me = await ask(userApi.requestBuilder().getByKey('API_USER').select(user.USER_ID, user.STATUS));
  assert.deepStrictEqual([me.userId, me.status], ['API_USER', 't']);
  assert.strictEqual(await ask(perPersonApi.requestBuilder().getAll().count()), Number(people));

  const some = await ask(userApi.requestBuilder().getAll().filter(user.STATUS.equals('t')).top(2).select(user.USER_ID));
  assert.strictEqual(some.length, 2);

  const list = perPersonApi.requestBuilder().getAll().select(person.PERSON_ID_EXTERNAL, person.DATE_OF_BIRTH, person.EMAIL_NAV);
  const first = await ask(list.orderBy(asc(person.PERSON_ID_EXTERNAL)).top(2));
  assert.ok(first[0].personIdExternal < first[1].personIdExternal);
  assert.ok(first.every(one => one.dateOfBirth.hour() === 0 && one.emailNav.every(mail => mail.emailAddress.includes('@'))));

  const pages = [];
  for (let skip = 0; skip < Number(people); skip += 100) {
    const page = perPersonApi.requestBuilder().getAll().select(person.PERSON_ID_EXTERNAL).skip(skip).top(100);
    pages.push(...(await ask(page)).map(one => one.personIdExternal));
  }
  assert.strictEqual(new Set(pages).size, Number(people));

  const job = (await ask(empJobApi.requestBuilder().getAll().top(1)))[0];
  const same = await ask(empJobApi.requestBuilder().getByKey(job.seqNumber, job.startDate, job.userId));
  assert.strictEqual(same.userId, job.userId);

  const { batch, changeset } = generated;
  const made = userApi.entityBuilder().userId('sdk1').username('sdk.one').status('t').build();
  const answers = await ask(
    batch(
      userApi.requestBuilder().getByKey('API_USER').select(user.USER_ID),
      changeset(userApi.requestBuilder().create(made)),
      userApi.requestBuilder().getByKey('sdk1')
    )
  );
  assert.deepStrictEqual(answers.map(answer => answer.isSuccess()), [true, true, true]);
  assert.strictEqual(answers[1].responses[0].httpCode, 201);
  console.log('accepted');
}

main().catch(error => {
  console.error(error.stack, error.rootCause?.message, JSON.stringify(error.rootCause?.response?.data));
  process.exit(1);
});
