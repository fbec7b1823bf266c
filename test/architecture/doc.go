// Package architecture holds what the project's parts must agree on, as tests: which
// package may import which and why, that code, infra and documents name the same
// settings, and that what the documents tell a person to type exists.
//
// The tests read the source files themselves rather than ask the go command, so that the
// go command sees what they depend on and never serves a stale result from its cache.
package architecture
