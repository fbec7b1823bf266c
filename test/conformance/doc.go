// Package conformance holds the fake Twilio against the originals that can be had without an account: Twilio's OpenAPI files,
// Twilio's Node SDK and Twilio's command line. They come from npm, pinned by package-lock.json, and are used unmodified.
//
// Three things are tested. Every exchange that the project's suites have with the fake, and those of the two clients, must be one
// that the OpenAPI files allow, request and response, in the strictest reading: no field too many, none too few. Every route of
// the fake must be one of Twilio's and must have been seen. And the two clients, which reach the fake through its HTTPS proxy, must
// find what they expect of Twilio. Where the real API is known to depart from its own files, a row of deviations says so.
//
// Without npm the tests are left out, and say so.
package conformance
