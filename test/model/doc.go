// Command model explores the protocol between the webhook and the sweep exhaustively:
// every order in which their requests to Twilio can meet, with a crash or a lost answer
// at every place where there can be one.
//
// # What runs
//
// The code that ships: eventstream.Handler with signed requests, sweep.Sweeper, ledger,
// retire and the client with its repetitions, over the in-process fake Twilio. Nothing of
// the protocol is written a second time. Every actor (a function instance that receives
// deliveries, a sweep) is a goroutine whose transport stops before each request; the
// scheduler lets exactly one go on at a time ([execution]). So an execution is a list of
// choices, and the same choices give the same execution.
//
// # What is explored
//
// At each place the choices are: which actor goes on, and, once in a schedule, that its
// answer is lost after the request took effect, or that the actor dies before or after
// it. A delivery that is not acknowledged is sent again to a new instance, as Twilio does.
// When all actors have ended, the claim's lease passes and a clean sweep runs; then the
// retention passes, and another one runs.
//
// # How it is pruned
//
// A state is the world (document, channel, interaction, messages), what each actor has
// heard since it began, the failures that are left, and what the checks remember. An
// actor is a deterministic function of what it has heard, and the clock stands still
// while actors run, so equal states have equal futures, and each is searched once.
//
// For the same reason a step need not be executed again that was executed before, with
// the same actor knowing the same in the same world. So the search ([explorer]) looks the
// step up in a [table] of what executions have shown, and executes the schedule from a
// fresh world when it finds nothing there. Both are exact, not a sample. They rest on
// determinism, which is checked three ways: whatever any execution shows is compared with
// the table, and a difference ends the program; some whole schedules of each scenario are
// drawn at random and executed; and a test executes every schedule of small scenarios
// with neither pruning nor table and compares.
//
// The graph of states has no cycle, so the whole schedules that the searched ones stand
// for are counted exactly. "Schedules" are those that the search went through: each from
// the start to its end, or to where it meets a state that is known.
//
// # What is checked
//
// After every step: no write forgets what was known of a task; only what is due is
// claimed; a channel is changed only under a claim, and closed only if nobody was seen
// writing; no attribute but the two of a retirement changes; what was acknowledged is in
// the ledger (check.go). At rest, after each clean sweep: the ledger is the fold of the
// events; what must be kept is not retired, what is due is, and the record says so
// (rest.go). A conversation may be closed under a task that was heard of only after the
// claim: closed is final, and the record then says retired. What must be is written down
// once more in oracle.go, with no code of what is judged.
//
// # What is not modelled
//
// Requests that take effect long after their sender gave up; a sweep that lives longer
// than the claim's lease; foreign writers of the attributes between a fetch and an update
// (Chat has no conditional update); more than one channel (records are independent); the
// history of the sweeps; time passing while actors run.
//
// # That it can fail
//
// mutant.go takes one guard after the other out of the code, by what it puts between its
// parts, and expects a violation for each.
package main
