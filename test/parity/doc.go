// Command parity holds the fake Twilio against the real one: one battery of cases, played by one client against two targets.
//
// `make test` plays it against the fake, and compares what the fake answers with what Twilio answered when somebody last played it
// there. `make parity LIVE=quick`, with the credentials of a throw-away account, plays it against Twilio and writes that down, in
// golden/. Without LIVE nothing leaves the machine: the program says what it would do, and what is missing.
//
// The client is plain HTTP, none of Twilio's SDKs, and nothing of what ships: what is compared is what goes over the wire.
package main
