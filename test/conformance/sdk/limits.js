// The rate limits that Twilio documents, switched on: the SDK reports them, and its own repetition gets past them.
"use strict";
const { assert, client, refused, test, twilio } = require("./client");

const { TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN } = process.env;

/** breach repeats a call until it is refused, and returns how often it was not. */
async function breach(call, status, code) {
  for (let done = 0; done < 2000; done += 10) {
    const results = await Promise.allSettled(Array.from({ length: 10 }, call));
    const failure = results.find((result) => result.status === "rejected");
    if (failure) {
      await refused(Promise.reject(failure.reason), status, code);
      return [done, failure.reason.message];
    }
  }
  assert.fail("never refused");
}

test("new documents", async () => {
  const { sid } = await client.sync.v1.services.create();
  const [done, message] = await breach(() => client.sync.v1.services(sid).documents.create({}), 429, 54009);
  assert.ok(done >= 190, `${done} before the first refusal: the allowance of ten seconds is 200`);
  assert.match(message, /^Rate limit exceeded for [a-z]+-[a-z]+-[A-Z]{2}[0-9a-f]{32}$/);
  const patient = twilio(TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, { autoRetry: true, maxRetries: 20 });
  assert.match((await patient.sync.v1.services(sid).documents.create({})).sid, /^ET/);
});

test("channel updates", async () => {
  const { sid } = await client.chat.v2.services.create({ friendlyName: "busy" });
  const { sid: channel } = await client.chat.v2.services(sid).channels.create({ type: "private" });
  const context = client.chat.v2.services(sid).channels(channel);
  const [done] = await breach(() => context.update({ friendlyName: "x" }), 429, 20429);
  assert.ok(done >= 290, `${done} before the first refusal: the allowance of ten seconds is 300`);
  assert.equal((await context.fetch()).sid, channel); // reading is not limited
});
