"use strict";
const { assert, client, gone, lists, recent, refused, test, twilio, withKey } = require("./client");

const absent = "0".repeat(32);

test("services", async () => {
  const made = await client.sync.v1.services.create({ friendlyName: "one", aclEnabled: true, reachabilityDebouncingWindow: 2000 });
  const other = await client.sync.v1.services.create({ friendlyName: "two" });
  assert.match(made.sid, /^IS[0-9a-f]{32}$/);
  assert.equal(made.aclEnabled, true);
  assert.equal(made.reachabilityDebouncingWindow, 2000);
  recent(made.dateCreated);
  await lists(client.sync.v1.services, "sid", [made.sid, other.sid]);
  const changed = await client.sync.v1.services(made.sid).update({ friendlyName: "renamed" });
  assert.equal(changed.friendlyName, "renamed");
  assert.equal((await changed.fetch()).friendlyName, "renamed");
  await refused(client.sync.v1.services(made.sid).update({ reachabilityDebouncingWindow: 1 }), 400, 20001);
  await gone(client.sync.v1.services(made.sid), 54050);
  await gone(client.sync.v1.services(other.sid), 54050);
});

test("documents", async () => {
  const service = client.sync.v1.services((await client.sync.v1.services.create()).sid);
  const made = await service.documents.create({ uniqueName: "first", data: { text: "ä<&>", deep: [1, { a: null }] }, ttl: 600 });
  assert.equal(made.revision, "0");
  assert.deepEqual(made.data, { text: "ä<&>", deep: [1, { a: null }] });
  assert.equal(made.createdBy, "system");
  assert.equal(made.dateExpires - made.dateCreated, 600_000);
  const other = await service.documents.create();
  assert.equal(other.uniqueName, null);
  assert.equal(other.dateExpires, null);
  const third = await service.documents.create({ data: { n: 3 } });
  await lists(service.documents, "sid", [made.sid, other.sid, third.sid]);

  const byName = await service.documents("first").fetch();
  assert.equal(byName.sid, made.sid);
  const changed = await byName.update({ data: { n: 2 } });
  assert.notEqual(changed.revision, made.revision);
  assert.deepEqual(changed.data, { n: 2 });

  await refused(service.documents.create({ uniqueName: "first" }), 409, 54301);
  await refused(service.documents.create({ uniqueName: "CH" + absent }), 400, 54302);
  await refused(service.documents.create({ data: { big: "x".repeat(17_000) } }), 413, 54006);
  await refused(service.documents.create({ ttl: 31_536_001 }), 400, 54011);
  await refused(service.documents(made.sid).update({}), 400, 54010);
  await gone(service.documents("first"), 54100);
  await refused(client.sync.v1.services("IS" + absent).documents.create(), 404, 54050);
});

test("If-Match", async () => {
  const service = client.sync.v1.services((await client.sync.v1.services.create()).sid);
  const made = await service.documents.create({ data: { n: 1 } });
  const changed = await service.documents(made.sid).update({ data: { n: 2 }, ifMatch: made.revision });
  await refused(service.documents(made.sid).update({ data: { n: 3 }, ifMatch: made.revision }), 412, 54103);
  assert.deepEqual((await service.documents(made.sid).fetch()).data, { n: 2 });
  const { headers } = await service.documents(made.sid).fetchWithHttpInfo();
  await service.documents(made.sid).update({ data: { n: 4 }, ifMatch: headers.etag });
  assert.deepEqual((await changed.fetch()).data, { n: 4 });
});

test("credentials, regions", async () => {
  const service = await withKey().sync.v1.services.create({ friendlyName: "by API key" });
  const far = withKey({ region: "ie1", edge: "dublin" });
  await far.sync.v1.services(service.sid).documents.create({ data: {} });
  await far.sync.v1.services(service.sid).documents.create({ data: {} });
  assert.equal((await far.sync.v1.services(service.sid).documents.list({ pageSize: 1 })).length, 2);
  const stranger = twilio(process.env.TWILIO_ACCOUNT_SID, "wrong");
  await refused(stranger.sync.v1.services(service.sid).fetch(), 401, 20003);
});
