"use strict";
const { assert, client, lists, refused, test } = require("./client");

const v1 = client.flexApi.v1;
const absent = "0".repeat(32);

test("interactions and their channels", async () => {
  const workspace = await client.taskrouter.v1.workspaces.create({ friendlyName: "Flex Task Assignment" });
  const properties = { workspace_sid: workspace.sid, task_channel_unique_name: "sms", attributes: { from: "+15550100" } };
  const made = await v1.interaction.create({
    channel: { type: "sms", initiated_by: "api" },
    routing: { properties },
  });
  assert.match(made.sid, /^KD[0-9a-f]{32}$/);
  assert.equal((await v1.interaction(made.sid).fetch()).sid, made.sid);
  assert.equal((await v1.interaction(made.sid).update()).sid, made.sid);

  const { tasks } = client.taskrouter.v1.workspaces(workspace.sid);
  const [task] = await tasks.list();
  const { conversationSid, flexInteractionSid, flexInteractionChannelSid } = JSON.parse(task.attributes);
  assert.equal(flexInteractionSid, made.sid);
  await lists(v1.interaction(made.sid).channels, "sid", [flexInteractionChannelSid]);
  const channel = v1.interaction(made.sid).channels(flexInteractionChannelSid);
  assert.equal((await channel.fetch()).status, "active");

  await refused(channel.update({ status: "inactive" }), 400, 20001); // only with a routing that is closed, too
  const closed = await channel.update({ status: "closed", routing: { status: "closed" } });
  assert.equal(closed.status, "closed");
  assert.equal((await client.conversations.v1.conversations(conversationSid).fetch()).state, "closed");
  assert.equal((await tasks(task.sid).fetch()).assignmentStatus, "completed");
});

test("errors", async () => {
  await refused(v1.interaction.create({ channel: { type: "pigeon" } }), 400, 20001);
  await refused(v1.interaction("KD" + absent).fetch(), 404, 20404);
  await refused(v1.interaction("KD" + absent).channels("UO" + absent).update({ status: "closed" }), 404, 20404);
});

test("Flex Flows", async () => {
  const { sid: chatServiceSid } = await client.chat.v2.services.create({ friendlyName: "chat" });
  const wanted = { friendlyName: "one", chatServiceSid, channelType: "sms" };
  const made = await v1.flexFlow.create({ ...wanted, longLived: true, integrationType: "external", "integration.url": "https://example.com" });
  const other = await v1.flexFlow.create({ ...wanted, friendlyName: "two" });
  assert.equal(made.longLived, true);
  await lists(v1.flexFlow, "sid", [made.sid, other.sid]);
  assert.equal((await v1.flexFlow(made.sid).update({ longLived: false, janitorEnabled: true })).longLived, false);
  assert.equal((await v1.flexFlow(made.sid).fetch()).janitorEnabled, true);
  await refused(v1.flexFlow.create({ ...wanted, channelType: "pigeon" }), 400, 20001);
  assert.equal(await v1.flexFlow(made.sid).remove(), true);
  await refused(v1.flexFlow(made.sid).fetch(), 404, 20404);
});
