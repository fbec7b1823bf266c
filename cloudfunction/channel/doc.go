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
//
// # Whose word counts
//
// That an event is Twilio's does not make true what its task's attributes say: agents and
// plugins write them. So a record remembers of each task whether a created event named
// this channel ([Task.Created]), which is evidence, not proof. A task without it keeps the
// channel while it is open and can only delay the rest. Where tasks contradict each other
// the milder course is taken: keep, then the longer retention, then what can be undone.
package channel
