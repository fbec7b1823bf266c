// Package eventstream is the webhook that Twilio Event Streams calls.
//
// A delivery goes through: limited read, signature, decode, apply to the ledger, answer.
// The answer decides over the events: Twilio drops a delivery for good on any 4xx but
// 429, repeats it for 4 hours on 429, 5xx and silence, and waits 5 seconds
// (https://www.twilio.com/docs/events/event-delivery-and-duplication). So 2xx is said
// only when everything is durable, and whatever may pass, our own faults included, is 503.
package eventstream
