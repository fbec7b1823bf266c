package channel

import (
	"slices"
	"time"
)

// Target is what a sweep is going to do to what. It is written into the claim, and from
// then on the claim is what counts: an event that changes the record's backend or service
// meanwhile changes neither what is done nor what is undone.
type Target struct {
	Backend     Backend     `json:"backend,omitempty"`
	ServiceSID  string      `json:"service_sid,omitempty"` // where the channel was found; "" if nobody has looked
	Disposition Disposition `json:"disposition,omitempty"`
	// Found is what a deactivation is going to overwrite, and so what there is to give back.
	Found *Found `json:"found,omitempty"`
}

// Claim marks that a sweep took the record to retire its channel. While the record is
// retiring, or tracking again after news, the channel itself may be in either state.
type Claim struct {
	Run  string    `json:"run"`
	Time time.Time `json:"time"`
	Target
	// Done: the run has given the record back, whatever it did to the channel.
	Done bool `json:"done,omitempty"`
}

// Retirement is what a sweep did to the channel.
type Retirement struct {
	Run  string    `json:"run"`
	Time time.Time `json:"time"`
	Target
	Result Result `json:"result"`
	// Told: a task was open when something final was done, and a sweep has reported it.
	Told bool `json:"told,omitempty"`
}

// final reports whether there is no way back: what was done cannot be undone, and it was
// done, by us or by somebody else.
func (r Retirement) final() bool { return r.Disposition.Final() && r.Result != Gone }

// Result is how a channel came to be retired.
type Result string

const (
	Done    Result = "done"    // this run did it
	Already Result = "already" // it was so before
	Gone    Result = "gone"    // Twilio does not know the channel any more
)

// Found is the raw JSON text of the two attributes that a deactivation overwrites, as they
// stood in the channel's attributes; nil means that the attribute was absent.
type Found struct {
	LongLived *string `json:"long_lived,omitempty"`
	Status    *string `json:"status,omitempty"`
}

// Inactive returns what a deactivation sets.
func Inactive() Found {
	longLived, status := "false", `"INACTIVE"`
	return Found{&longLived, &status}
}

// Equal reports whether both are the same text.
func (f Found) Equal(o Found) bool {
	return sameText(f.LongLived, o.LongLived) && sameText(f.Status, o.Status)
}

func sameText(a, b *string) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

// TargetOf returns what is going to be done to the record's channel by the policy. A chat
// channel's attributes must be looked at first: found is what they hold, and where they
// are as a deactivation leaves them, an earlier one's evidence is what there is to give back.
func TargetOf(r Record, p Policy, found *Found) Target {
	t := Target{Backend: r.Backend, ServiceSID: r.ServiceSID, Disposition: p.DispositionOf(r), Found: found}
	if earlier := evidence(r); earlier != nil && earlier.Found != nil && (found == nil || found.Equal(Inactive())) {
		t.Found = earlier.Found
	}
	return t
}

// evidence returns what says how the channel may have been changed, or nil: the claim, since
// it carries on what an earlier retirement had found, or else the retirement.
func evidence(r Record) *Target {
	switch {
	case r.Claim != nil:
		return &r.Claim.Target
	case r.Retirement != nil:
		return &r.Retirement.Target
	}
	return nil
}

// Claimed returns the record as a sweep saves it before it touches the channel.
func Claimed(r Record, run string, t Target, now time.Time) Record {
	next := r.clone()
	next.Status = Retiring
	next.Claim = &Claim{Run: run, Time: now, Target: t}
	return next
}

// ClaimedToRestore returns the record as a sweep saves it before it puts the channel back.
// What says that the channel may have been changed, and how, stays: a run that dies now
// leaves it to the next one.
func ClaimedToRestore(r Record, run string, now time.Time) Record {
	next := r.clone()
	claim := Claim{Run: run, Time: now}
	if t := evidence(r); t != nil {
		claim.Target = *t
	}
	next.Claim = &claim
	return next
}

// Settled returns the claimed record as a sweep saves it after the channel was retired at the
// given moment, in the given service ("" if it was found in none).
func Settled(r Record, result Result, service string, at time.Time) Record {
	next := r.clone()
	retirement := &Retirement{Run: r.Claim.Run, Time: at, Target: r.Claim.Target, Result: result}
	if service != "" {
		next.ServiceSID, retirement.ServiceSID = service, service
	}
	next.Status, next.Claim, next.Failure, next.Retirement = Retired, nil, nil, retirement
	next.Overflow = time.Time{} // whoever retired it all the same has looked
	retirement.Told = len(next.ClosedUnder()) > 0
	return next
}

// ClosedUnder returns the tasks that had begun and not ended when something final was done to
// the channel, sorted: what must be told, since there is no way back. That it was so already may
// mean that a request of ours took effect whose answer was lost. Of a task whose
// beginning is not known yet nothing can be said.
func (r Record) ClosedUnder() []string {
	if r.Retirement == nil || !r.Retirement.Disposition.Final() || r.Retirement.Result == Gone {
		return nil
	}
	at := r.Retirement.Time
	var sids []string
	for sid, task := range r.Tasks {
		ended := task.Phase == Ended && !task.Time.After(at)
		begun := task.begun()
		if !ended && !begun.IsZero() && !begun.After(at) {
			sids = append(sids, sid)
		}
	}
	slices.Sort(sids)
	return sids
}

// untold returns what [Record.ClosedUnder] does, until a sweep has reported it.
func (r Record) untold() []string {
	if r.Retirement == nil || r.Retirement.Told {
		return nil
	}
	return r.ClosedUnder()
}

// Told returns the retired record after a sweep has reported what it was closed under.
func Told(r Record) Record {
	next := r.clone()
	retirement := *r.Retirement
	retirement.Told = true
	next.Retirement = &retirement
	return next
}

// Released returns the record as a sweep gives it back that claimed it and then left the
// channel alone: as it was before the claim. If that was the claim of a run that never
// came back, it stays as evidence, open to be taken over at once.
func Released(before Record) Record {
	next := before.clone()
	next.Claim = done(before.Claim)
	return next
}

func done(c *Claim) *Claim {
	if c == nil {
		return nil
	}
	claim := *c
	claim.Done = true
	return &claim
}

// Failed returns the record as a sweep gives it back when the channel may have been
// touched: the claim stays as evidence, open to be taken over at once.
func Failed(r Record, f Failure) Record {
	next := r.clone()
	if r.Failure != nil {
		f.Count = r.Failure.Count
	}
	f.Count++
	next.Failure, next.Claim = &f, done(r.Claim)
	return next
}

// Restored returns the record after its channel was put back.
func Restored(r Record) Record {
	next := r.clone()
	next.Status, next.Claim, next.Retirement, next.Failure = Tracking, nil, nil, nil
	return next
}

// Resolution is what a run must do when saving its result met a changed record.
type Resolution string

const (
	SettleAgain Resolution = "settle"   // nothing that matters changed: write the result down
	RestoreNow  Resolution = "restore"  // put the channel back
	IsSettled   Resolution = "settled"  // the run's own earlier save had arrived
	TakenOver   Resolution = "conflict" // another run has taken the record over
)

// AfterConflict says how the run goes on that retired the channel and then found its
// record changed to r.
func AfterConflict(r Record, run string, p Policy, now time.Time) Resolution {
	if r.Status == Retired && r.Retirement != nil && r.Retirement.Run == run {
		return IsSettled
	}
	if r.Claim == nil || r.Claim.Run != run {
		return TakenOver
	}
	if r.Claim.Disposition.Final() || keepOrRetire(r, p, now).Action == Retire {
		return SettleAgain
	}
	return RestoreNow
}
