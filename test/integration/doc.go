// Package integration holds the hermetic tests of the whole: the two real handlers of
// cloudfunction/, wired by their real settings, over the fake Twilio in this process. They
// are told in a [github.com/flexsweep/flexsweep/test/world.World]. Only process_test.go
// starts processes, as Google does, by the room beside it, test/rig.
package integration
