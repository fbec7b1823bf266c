// Package sweep is what Cloud Scheduler calls: one run over the ledger.
//
// A pass reads every record once, and may take several runs. A run goes on where the last one
// stopped: it reads a stretch of pages while it works on what is due in the one before, the most
// overdue first, and keeps the place before the first stretch that it did not work off. So every
// run gets something done whatever the ledger's size, and memory holds two stretches.
//
// What is due and cannot be explained is not retired: see guard.go.
package sweep
