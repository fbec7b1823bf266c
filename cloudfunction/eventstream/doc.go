// Package eventstream is the webhook that Twilio Event Streams calls.
//
// A delivery goes through: the doors (source, method, header, hash parameter, the URL's
// signature), before a byte of its body is read; a limited read with a deadline; the body's
// hash; decode, event by event; apply to the ledger; answer.
//
// The answer decides over the events: Twilio drops a delivery for good on any 4xx but
// 429, repeats it for 4 hours on 429, 5xx and silence, and waits 5 seconds
// (https://www.twilio.com/docs/events/event-delivery-and-duplication). So 2xx is said
// only when everything is durable, and whatever may pass, our own faults included, is 503.
//
// What is logged, by its message; metrics are made of these, so names and values stay:
//
//   - "delivery": one line for each, with the counts of [Summary].
//   - "request refused": at most one line a minute for each value of "refused" (malformed,
//     token, source), whose "count" is of all refusals since the line before.
//   - "event quarantined: …", "events not stored: …", "event on several channels", "test event
//     received": at most 20 of these for a delivery; "unlogged" in its summary counts the others.
//   - "foreign event", "stale event": acknowledged without effect; the first, and then at most
//     one an hour, whose "count" is of all since the line before.
//   - "delivery refused: …": Twilio signed it, and its events are lost.
package eventstream
