"use strict";
const { assert, client, gone, lists, recent, refused, test } = require("./client");

const v1 = client.events.v1;
const sink = (description) => ({
  description, sinkType: "webhook",
  sinkConfiguration: { destination: "https://hooks.example.com/events", method: "POST", batch_events: false },
});

test("sinks", async () => {
  const made = await v1.sinks.create(sink("one"));
  const other = await v1.sinks.create(sink("two"));
  assert.equal(made.status, "active");
  assert.equal(made.sinkConfiguration.destination, "https://hooks.example.com/events");
  recent(made.dateCreated);
  await lists(v1.sinks, "sid", [made.sid, other.sid]);
  await lists(v1.sinks, "sid", [], { inUse: true });
  assert.equal((await v1.sinks(made.sid).update({ description: "renamed" })).description, "renamed");
  assert.equal((await v1.sinks(made.sid).fetch()).description, "renamed");
  assert.equal((await v1.sinks(made.sid).sinkTest.create()).result, "submitted");
  assert.equal((await v1.sinks(made.sid).sinkValidate.create({ testId: "0".repeat(34) })).result, "valid");
  await refused(v1.sinks.create({ ...sink("three"), sinkType: "pigeon" }), 400, 20001);
  await gone(v1.sinks(made.sid), 20404);
  await gone(v1.sinks(other.sid), 20404);
});

test("subscriptions and subscribed events", async () => {
  const { sid: sinkSid } = await v1.sinks.create(sink("of subscriptions"));
  const completed = "com.twilio.taskrouter.task.completed";
  const types = [{ type: completed, schema_version: 1 }, { type: "com.twilio.taskrouter.task.created" }];
  const made = await v1.subscriptions.create({ description: "one", sinkSid, types });
  const other = await v1.subscriptions.create({ description: "two", sinkSid, types: [types[0]] });
  await lists(v1.subscriptions, "sid", [made.sid, other.sid], { sinkSid });
  assert.equal((await v1.subscriptions(made.sid).update({ description: "renamed" })).description, "renamed");
  assert.equal((await v1.subscriptions(made.sid).fetch()).sinkSid, sinkSid);
  await refused(v1.subscriptions.create({ description: "three", sinkSid: "DG" + "0".repeat(32), types }), 400, 20001);

  const events = v1.subscriptions(made.sid).subscribedEvents;
  await lists(events, "type", types.map((t) => t.type));
  const canceled = "com.twilio.taskrouter.task.canceled";
  assert.equal((await events.create({ type: canceled, schemaVersion: 1 })).schemaVersion, 1);
  const context = v1.subscriptions(made.sid).subscribedEvents(canceled);
  assert.equal((await context.update({ schemaVersion: 2 })).schemaVersion, 2);
  assert.equal((await context.fetch()).schemaVersion, 2);
  await gone(context, 20404);
  await gone(v1.subscriptions(made.sid), 20404);
});

test("types and schemas", async () => {
  const types = await v1.eventTypes.list({ pageSize: 5 });
  const completed = types.find((t) => t.type === "com.twilio.taskrouter.task.completed");
  assert.ok(completed);
  assert.equal((await v1.eventTypes(completed.type).fetch()).schemaId, completed.schemaId);
  const schema = await v1.schemas(completed.schemaId).fetch();
  const versions = await v1.schemas(schema.id).versions.list({ pageSize: 1 });
  assert.equal(versions.length, schema.latestVersion);
  assert.equal((await v1.schemas(schema.id).versions(schema.latestVersion).fetch()).schemaVersion, schema.latestVersion);
  await refused(v1.eventTypes("com.twilio.nothing").fetch(), 404, 20404);
});
