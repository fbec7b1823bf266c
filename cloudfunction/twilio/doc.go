// Package twilio is the one door to Twilio's REST API: the official client's product
// packages over one transport that sets deadlines, limits the rate, counts, and repeats
// a request where that is safe.
package twilio
