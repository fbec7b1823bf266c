// Package sweep is what Cloud Scheduler calls: one run over the ledger.
//
// The ledger is walked first, and only then are the due records worked on. So a run that
// would retire an implausible share of the ledger is refused before it has retired
// anything, and the most overdue go first. Of the due records at most as many as the run
// may retire are kept, so memory stays flat whatever the ledger's size.
package sweep
