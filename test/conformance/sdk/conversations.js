"use strict";
const { assert, client, gone, lists, recent, refused, test } = require("./client");

const v1 = client.conversations.v1;

test("services and configuration", async () => {
  const made = await v1.services.create({ friendlyName: "one" });
  const other = await v1.services.create({ friendlyName: "two" });
  await lists(v1.services, "sid", [made.sid, other.sid]);
  assert.equal((await v1.services(made.sid).fetch()).friendlyName, "one");
  const configuration = await v1.configuration().update({ defaultChatServiceSid: other.sid, defaultClosedTimer: "PT60M" });
  assert.equal(configuration.defaultChatServiceSid, other.sid);
  assert.equal((await v1.configuration().fetch()).defaultClosedTimer, "PT60M");
  await v1.configuration().update({ defaultClosedTimer: "" });
  assert.equal(await v1.services(made.sid).remove(), true);
  await assert.rejects(v1.services(made.sid).fetch(), { status: 404 });
});

// The same resources hang under a service, and under the account for its default service.
for (const [place, start] of [
  ["of a service", async () => v1.services((await v1.services.create({ friendlyName: "s" })).sid)],
  ["of the default service", async () => v1],
]) {
  test(`conversations ${place}`, async () => {
    const parent = await start();
    const before = (await parent.conversations.list()).map((c) => c.sid);
    const attributes = JSON.stringify({ a: "ä<&>" });
    const made = await parent.conversations.create({ friendlyName: "one", uniqueName: `unique ${place}`.replaceAll(" ", "-"), attributes });
    const other = await parent.conversations.create({ "timers.inactive": "PT1M", "timers.closed": "PT10M", state: "active" });
    assert.equal(made.state, "active");
    assert.equal(made.attributes, attributes);
    assert.ok(other.timers.date_closed);
    recent(made.dateCreated);
    await lists(parent.conversations, "sid", [...before, made.sid, other.sid]);
    await lists(parent.conversations, "sid", [], { state: "inactive" });
    assert.equal((await parent.conversations(made.uniqueName).fetch()).sid, made.sid);

    const context = parent.conversations(made.sid);
    assert.equal((await context.update({ state: "inactive", xTwilioWebhookEnabled: "true" })).state, "inactive");
    await context.messages.create({ body: "wake up", author: "somebody" });
    assert.equal((await context.fetch()).state, "active");
    assert.equal((await context.update({ state: "closed" })).state, "closed");
    await refused(context.update({ state: "active" }), 400, 50377);
    await refused(parent.conversations.create({ state: "closed" }), 400, 50384);
    await refused(parent.conversations.create({ uniqueName: "CH" + "0".repeat(32) }), 400, 50390);
    await refused(parent.conversations.create({ "timers.closed": "PT1S", state: "active" }), 400, 20001);
    await gone(context, 50350);
    await gone(parent.conversations(other.sid), 50350);
  });

  test(`messages ${place}`, async () => {
    const parent = await start();
    const conversation = parent.conversations((await parent.conversations.create()).sid);
    const first = await conversation.messages.create({ body: "hello", author: "somebody" });
    const second = await conversation.messages.create({ body: "again", attributes: '{"a":1}' });
    assert.equal(first.author, "somebody");
    await lists(conversation.messages, "sid", [first.sid, second.sid]);
    assert.deepEqual((await conversation.messages.list({ order: "desc", limit: 1 })).map((m) => m.sid), [second.sid]);
    assert.equal((await conversation.messages(first.sid).update({ body: "changed" })).body, "changed");
    assert.equal((await conversation.messages(first.sid).fetch()).body, "changed");
    assert.equal(await conversation.messages(first.sid).remove(), true);
    await assert.rejects(conversation.messages(first.sid).fetch(), { status: 404 });
  });

  test(`participants ${place}`, async () => {
    const parent = await start();
    const conversation = parent.conversations((await parent.conversations.create()).sid);
    const agent = await conversation.participants.create({ identity: "agent" });
    const binding = { "messagingBinding.address": `+1555000${place.length}`, "messagingBinding.proxyAddress": "+15550100" };
    const customer = await conversation.participants.create(binding);
    assert.equal(agent.identity, "agent");
    assert.equal(customer.messagingBinding.address, binding["messagingBinding.address"]);
    await lists(conversation.participants, "sid", [agent.sid, customer.sid]);
    assert.equal((await conversation.participants(agent.sid).fetch()).sid, agent.sid);
    const second = parent.conversations((await parent.conversations.create()).sid);
    await refused(second.participants.create(binding), 409, 50416);
    assert.equal(await conversation.participants(agent.sid).remove(), true);
    await assert.rejects(conversation.participants(agent.sid).fetch(), { status: 404 });
  });
}
