"use strict";
const { assert, client, gone, lists, recent, refused, test } = require("./client");

const { workspaces } = client.taskrouter.v1;

test("workspaces", async () => {
  const made = await workspaces.create({ friendlyName: "one", prioritizeQueueOrder: "LIFO" });
  const other = await workspaces.create({ friendlyName: "two" });
  assert.equal(made.prioritizeQueueOrder, "LIFO");
  await lists(workspaces, "sid", [made.sid, other.sid]);
  await lists(workspaces, "sid", [other.sid], { friendlyName: "two" });
  assert.equal((await workspaces(made.sid).update({ friendlyName: "renamed" })).friendlyName, "renamed");
  assert.equal((await workspaces(made.sid).fetch()).friendlyName, "renamed");
  await gone(workspaces(made.sid), 20404);
});

test("tasks", async () => {
  const workspace = workspaces((await workspaces.create({ friendlyName: "tasks" })).sid);
  const attributes = JSON.stringify({ conversationSid: "CH" + "1".repeat(32), channelType: "sms" });
  const made = await workspace.tasks.create({ attributes, priority: 5, timeout: 3600, taskChannel: "chat" });
  const other = await workspace.tasks.create({ attributes: "{}" });
  assert.equal(made.assignmentStatus, "pending");
  assert.equal(made.priority, 5);
  assert.equal(made.attributes, attributes);
  recent(made.dateCreated);
  await lists(workspace.tasks, "sid", [made.sid, other.sid]);
  await lists(workspace.tasks, "sid", [made.sid], { priority: 5, assignmentStatus: ["pending", "assigned"] });
  await lists(workspace.tasks, "sid", [made.sid], { evaluateTaskAttributes: 'channelType == "sms"' });

  const { headers } = await workspace.tasks(made.sid).fetchWithHttpInfo();
  const changed = await workspace.tasks(made.sid).update({ priority: 7, ifMatch: headers.etag });
  assert.equal(changed.priority, 7);
  await refused(workspace.tasks(made.sid).update({ priority: 8, ifMatch: headers.etag }), 412, 20412);
  await refused(workspace.tasks(made.sid).remove({ ifMatch: headers.etag }), 412, 20412);
  const canceled = await workspace.tasks(made.sid).update({ assignmentStatus: "canceled", reason: "no answer" });
  assert.equal(canceled.assignmentStatus, "canceled");
  assert.equal(canceled.reason, "no answer");
  await refused(workspace.tasks(other.sid).update({ assignmentStatus: "lost" }), 400, 20001);
  await refused(workspace.tasks.create({ attributes: "no JSON" }), 400, 20001);
  await gone(workspace.tasks(other.sid), 20404);
});
