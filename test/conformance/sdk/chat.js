// Programmable Chat v2 is out of support, but the current SDK still has it, as client.chat.v2.
"use strict";
const { assert, client, gone, lists, recent, refused, test } = require("./client");

test("services", async () => {
  const made = await client.chat.v2.services.create({ friendlyName: "one" });
  const other = await client.chat.v2.services.create({ friendlyName: "two" });
  await lists(client.chat.v2.services, "sid", [made.sid, other.sid]);
  const changed = await client.chat.v2.services(made.sid).update({ friendlyName: "renamed", "limits.userChannels": 500 });
  assert.equal(changed.friendlyName, "renamed");
  assert.equal((await client.chat.v2.services(made.sid).fetch()).sid, made.sid);
  await refused(client.chat.v2.services.create({ friendlyName: "" }), 400, 20001);
  assert.equal(await client.chat.v2.services(made.sid).remove(), true);
  assert.equal((await client.chat.v2.services.list()).length, 1);
});

test("channels", async () => {
  const service = client.chat.v2.services((await client.chat.v2.services.create({ friendlyName: "channels" })).sid);
  const attributes = JSON.stringify({ long_lived: true, status: "ACTIVE", big: 12345678901234 });
  const made = await service.channels.create({ friendlyName: "one", uniqueName: "unique", type: "private", attributes });
  const other = await service.channels.create({ type: "private" });
  const open = await service.channels.create();
  assert.match(made.sid, /^CH[0-9a-f]{32}$/);
  assert.equal(made.attributes, attributes);
  assert.equal(other.attributes, "{}");
  recent(made.dateCreated);
  await lists(service.channels, "sid", [made.sid, other.sid], { type: ["private"] });
  await lists(service.channels, "sid", [open.sid]);
  await lists(service.channels, "sid", [made.sid, other.sid, open.sid], { type: ["private", "public"] });

  const retired = JSON.stringify({ long_lived: false, status: "INACTIVE", big: 12345678901234 });
  const changed = await service.channels("unique").update({ attributes: retired, xTwilioWebhookEnabled: "true" });
  assert.equal(changed.sid, made.sid);
  assert.equal((await service.channels(made.sid).fetch()).attributes, retired);
  await refused(service.channels(made.sid).update({ attributes: "no JSON" }), 400, 20001);
  await refused(service.channels.create({ uniqueName: "unique" }), 409, 50307);
  await gone(service.channels(made.sid), 50300);
});

test("messages", async () => {
  const service = client.chat.v2.services((await client.chat.v2.services.create({ friendlyName: "messages" })).sid);
  const channel = service.channels((await service.channels.create({ type: "private" })).sid);
  const first = await channel.messages.create({ body: "hello", from: "somebody" });
  const second = await channel.messages.create({ body: "again", attributes: '{"a":1}' });
  assert.equal(first.from, "somebody");
  assert.equal(first.index, 0);
  await lists(channel.messages, "sid", [first.sid, second.sid]);
  assert.deepEqual((await channel.messages.list({ order: "desc", limit: 1 })).map((m) => m.sid), [second.sid]);
  assert.equal((await channel.messages(first.sid).update({ body: "changed" })).body, "changed");
  assert.equal((await channel.messages(first.sid).fetch()).body, "changed");
  assert.equal((await channel.fetch()).messagesCount, 2);
  assert.equal(await channel.messages(first.sid).remove(), true);
  await assert.rejects(channel.messages(first.sid).fetch(), { status: 404 });
});
