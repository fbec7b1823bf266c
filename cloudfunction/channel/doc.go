// Package channel is the domain of flexsweep: what is known of one chat channel,
// how an event changes it, and when the channel may be retired.
//
// It is pure: no network, no environment, no log and no clock. The time is an
// argument, and every function returns a new [Record] and leaves its argument alone.
// So the protocol between the webhook and the sweep can be explored exhaustively.
//
// The life of a record:
//
//	tracking ──claim──▶ retiring ──settle──▶ retired
//	   ▲                   │                    │
//	   └────── news ───────┴────── news ────────┘
//
// News is an event that changes what is known of a task. It makes the record
// "tracking" again and keeps the claim or the retirement as evidence that the channel
// itself may have been changed, so that the next sweep puts it right (see [Decide]).
package channel
