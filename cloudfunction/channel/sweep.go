package channel

import (
	"time"
)

// Claimed returns the record as a sweep saves it before it touches the channel.
func Claimed(r Record, run string, d Disposition, now time.Time) Record {
	next := r.clone()
	next.Status = Retiring
	next.Claim = &Claim{Run: run, Time: now, Disposition: d}
	return next
}

// ClaimedToRestore returns the record as a sweep saves it before it puts the channel back.
// What says that the channel may have been changed, and how, stays: a run that dies now
// leaves it to the next one.
func ClaimedToRestore(r Record, run string, now time.Time) Record {
	next := r.clone()
	claim := Claim{Run: run, Time: now}
	switch {
	case r.Claim != nil:
		claim.Disposition = r.Claim.Disposition
	case r.Retirement != nil:
		claim.Disposition = r.Retirement.Disposition
	}
	next.Claim = &claim
	return next
}

// Noted returns the claimed record with the two attributes that a deactivation is about to
// overwrite, as evidence for whoever must put the channel back.
func Noted(r Record, p Previous) Record {
	next := r.clone()
	next.Retirement = &Retirement{Run: r.Claim.Run, Time: r.Claim.Time, Disposition: r.Claim.Disposition, Previous: &p}
	return next
}

// Outcome is what a retirer did.
type Outcome struct {
	Result     Result
	ServiceSID string    // where the channel was found
	Previous   *Previous // of a deactivation: what it overwrote
}

// Settled returns the record as a sweep saves it after the channel was retired.
// What a previous, interrupted or undone retirement had overwritten is kept when this
// one found the channel already so, since that is what undo must give back.
func Settled(r Record, o Outcome, now time.Time) Record {
	next := r.clone()
	retirement := &Retirement{Run: r.Claim.Run, Time: now, Disposition: r.Claim.Disposition, Result: o.Result, Previous: o.Previous}
	if o.Result == Already && r.Retirement != nil {
		retirement.Previous = r.Retirement.Previous
	}
	// Still open after something final: there is no way back, and the report says so.
	retirement.Late = r.Claim.Disposition.Final() && len(r.OpenTasks()) > 0
	next.Status, next.Claim, next.Failure, next.Retirement = Retired, nil, nil, retirement
	if o.ServiceSID != "" {
		next.ServiceSID = o.ServiceSID
	}
	return next
}

// Released returns the record as a sweep gives it back that claimed it and then left the
// channel alone: as it was before the claim. If that was the claim of a run that never
// came back, it stays as evidence, open to be taken over at once.
func Released(before Record) Record {
	next := before.clone()
	if before.Claim != nil {
		claim := *before.Claim
		claim.Done = true
		next.Claim = &claim
	}
	return next
}

// Failed returns the record as a sweep gives it back when the channel may have been
// touched: the claim stays as evidence, open to be taken over at once.
func Failed(r Record, f Failure) Record {
	next := r.clone()
	if r.Failure != nil {
		f.Count = r.Failure.Count
	}
	f.Count++
	next.Failure = &f
	if r.Claim != nil {
		claim := *r.Claim
		claim.Done = true
		next.Claim = &claim
	}
	return next
}

// Restored returns the record after its channel was put back.
func Restored(r Record) Record {
	next := r.clone()
	next.Status, next.Claim, next.Retirement, next.Failure = Tracking, nil, nil, nil
	return next
}

// Resume is what a run must do when saving its result met a changed record.
type Resume string

const (
	SettleAgain Resume = "settle" // nothing that matters changed: write the result down
	Undo        Resume = "undo"   // put the channel back
	Finished    Resume = "done"   // the run's own earlier save had arrived
	LetGo       Resume = "let-go" // another run has taken the record over
)

// AfterConflict says how the run goes on that retired the channel and then found its
// record changed to r.
func AfterConflict(r Record, run string, p Policy, now time.Time) Resume {
	if r.Status == Retired && r.Retirement != nil && r.Retirement.Run == run {
		return Finished
	}
	if r.Claim == nil || r.Claim.Run != run {
		return LetGo
	}
	if r.Claim.Disposition.Final() || keepOrRetire(r, p, now).Action == Retire {
		return SettleAgain
	}
	return Undo
}
