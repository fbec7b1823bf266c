// Package faketwilio is a stateful stand-in for the parts of Twilio that flexsweep talks to: Sync, Programmable Chat v2,
// Conversations v1, Flex Interactions and Flex Flows, TaskRouter and Event Streams.
//
// It has Twilio's paths, form bodies, JSON fields, status and error codes, SIDs, paging, revisions and signatures, a clock that
// a test can turn, faults on demand, and a journal of every exchange. It routes by host name: in process through
// [Server.Transport], over HTTP as an [net/http.Handler], and as the program in cmd/faketwilio.
//
// It is an independent implementation. It shares no code with the function under test and none with Twilio's own SDK, because a
// fake that shares code with what it tests agrees with its mistakes. What it models, with which limits, and what it leaves out
// stands in the folder's README. It is for tests only: set-up helpers panic when they are misused.
package faketwilio
