// What the tests of all products share: Twilio's SDK, as anyone gets it, and how its lists and errors are looked at.
// The environment brings HTTP_PROXY and NODE_EXTRA_CA_CERTS; nothing here knows that Twilio is not Twilio.
"use strict";

const assert = require("node:assert/strict");
const { after, test } = require("node:test");
const twilio = require("twilio");

const { TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_API_KEY, TWILIO_API_SECRET } = process.env;

/** client is the account's, with its Auth Token. */
const client = twilio(TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN);

/** withKey is a client with an API key; options are the SDK's, such as region. */
function withKey(options) {
  return twilio(TWILIO_API_KEY, TWILIO_API_SECRET, { accountSid: TWILIO_ACCOUNT_SID, ...options });
}

/** refused asserts that a promise fails as the SDK reports an error of Twilio. */
async function refused(promise, status, code) {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof twilio.RestException, `${error.name}: ${error.message}`);
    assert.equal(error.status, status);
    assert.equal(error.code, code);
    assert.equal(error.moreInfo, `https://www.twilio.com/docs/errors/${code}`);
    return true;
  });
}

/** lists asserts that a list, read in pages of one, holds exactly these values of a field, and that its pages lead both ways. */
async function lists(resource, field, wanted, filter = {}) {
  const rows = await resource.list({ pageSize: 1, ...filter });
  assert.deepEqual(rows.map((row) => row[field]).sort(), [...wanted].sort());
  assert.deepEqual((await resource.list({ pageSize: 1, limit: 2, ...filter })).length, Math.min(2, wanted.length));
  const first = await resource.page({ pageSize: 1, ...filter });
  if (wanted.length < 2) return;
  const second = await first.nextPage();
  assert.notEqual(second.instances[0][field], first.instances[0][field]);
  const back = await second.previousPage();
  assert.equal(back.instances[0][field], first.instances[0][field]);
  const again = await resource.getPage(second.getPreviousPageUrl());
  assert.equal(again.instances[0][field], first.instances[0][field]);
}

/** gone asserts that a resource was deleted, and is not there any more. */
async function gone(context, code) {
  assert.equal(await context.remove(), true);
  await refused(context.fetch(), 404, code);
  await refused(context.remove(), 404, code);
}

/** recent asserts that a value is a date within a minute of now, as the SDK reads dates. */
function recent(date) {
  assert.ok(date instanceof Date && Math.abs(Date.now() - date) < 60_000, `${date} is not now`);
}

module.exports = { after, assert, client, gone, lists, recent, refused, test, twilio, withKey };
