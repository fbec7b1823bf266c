// Package integration holds the hermetic tests of the whole: the two real handlers of
// cloudfunction/, wired by their real settings, over the fake Twilio in this process.
// Events are made by the fake's TaskRouter and brought by its own delivery engine; no
// socket is opened and no clock but the fake's is read. Only process_test.go starts
// processes, as Google does.
//
// Tests are told as stories: a [world] has channels, tasks on them, time that passes and
// sweeps. A test can do something between any two requests of a function (see wire).
package integration
