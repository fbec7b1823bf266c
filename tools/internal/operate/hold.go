package operate

import (
	"context"
	"fmt"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
)

// Hold keeps a channel from being retired until a time, or with the zero time for good. Of two
// holds the stricter one stays, and says whom it covers besides. What may come too late is said.
func (e *Environment) Hold(ctx context.Context, sid string, until time.Time, reason string) Changed {
	var earlier *channel.Hold
	entry, err := e.update(ctx, sid, ledger.KeepTTL, func(r *channel.Record) bool {
		earlier = r.Hold
		r.Hold = stricter(r.Hold, channel.Hold{Until: until, By: e.By, Reason: reason}, e.Now())
		return r.Hold != earlier
	})
	if err != nil {
		return Changed{sid, "failed", err.Error(), true}
	}
	if late := e.tooLate(entry.Record); late != "" {
		return Changed{sid, "too late", late, true}
	}
	hold, did := entry.Record.Hold, "held"
	text := holdSpan(hold)
	if hold == earlier {
		did, text = "kept", fmt.Sprintf("%s holds it %s: %s; that is no less strict, so it stays", hold.By, holdSpan(hold), hold.Reason)
	}
	if entry.Record.Status == channel.Retired {
		text += "; it is retired already, and a hold does not bring it back: flexsweep undo " + e.Name + " " + sid
	}
	return Changed{sid, did, text, false}
}

// stricter returns the hold that lasts longer: the one that is there, or the wanted one with a
// word of the other, which it ends no earlier than.
func stricter(has *channel.Hold, want channel.Hold, now time.Time) *channel.Hold {
	if !has.Active(now) {
		return &want
	}
	if has.Until.IsZero() || !want.Until.IsZero() && !want.Until.After(has.Until) {
		return has
	}
	want.Reason += fmt.Sprintf(" (and %s %s: %s)", has.By, holdSpan(has), has.Reason)
	return &want
}

func holdSpan(h *channel.Hold) string {
	if h.Until.IsZero() {
		return "for good"
	}
	return "until " + Stamp(h.Until)
}

// tooLate says why a hold may not keep, or did not keep, something final from being done, or "".
func (e *Environment) tooLate(r channel.Record) string {
	switch {
	case r.Status == channel.Retired && r.Retirement != nil && r.Retirement.Disposition.Final():
		return fmt.Sprintf("run %s retired it at %s (%s, %s), and that is final: no hold brings it back",
			r.Retirement.Run, Stamp(r.Retirement.Time), r.Retirement.Disposition, r.Retirement.Result)
	case r.Claim != nil && r.Claim.Disposition.Final() && !r.Claim.Done && e.Now().Before(r.Claim.Time.Add(channel.Lease)):
		return fmt.Sprintf("run %s is at work on it just now (%s), and may have done it already. The hold is written down, and counts if not: "+
			"look in a minute with flexsweep explain %s %s --live", r.Claim.Run, r.Claim.Disposition, e.Name, r.SID)
	case r.Claim != nil && r.Claim.Disposition.Final():
		return fmt.Sprintf("run %s had begun to %s it, and nobody knows how far it came. The hold is written down: look with flexsweep explain %s %s --live",
			r.Claim.Run, r.Claim.Disposition, e.Name, r.SID)
	}
	return ""
}

// Release takes a hold away, and says whose it was. One that was set while this was under way is
// left alone: nobody has seen it.
func (e *Environment) Release(ctx context.Context, sid string) Changed {
	var seen, found *channel.Hold
	entry, err := e.update(ctx, sid, ledger.KeepTTL, func(r *channel.Record) bool {
		found = r.Hold
		if seen == nil {
			seen = found
		}
		if found == nil || *found != *seen {
			return false
		}
		r.Hold = nil
		return true
	})
	switch {
	case err != nil:
		return Changed{sid, "failed", err.Error(), true}
	case seen == nil:
		return Changed{sid, "nothing", "it was not held", false}
	case found != nil && *found != *seen:
		return Changed{sid, "conflict", fmt.Sprintf("%s holds it %s since just now: %s. That stays; look again", found.By, holdSpan(found), found.Reason), true}
	}
	return Changed{sid, "released", fmt.Sprintf("now %s. %s had held it %s: %s", e.verdict(entry), seen.By, holdSpan(seen), seen.Reason), false}
}

// verdict is what the next sweep makes of a record.
func (e *Environment) verdict(entry ledger.Entry) string {
	row := NewRow(entry, e.Config.Policy, e.Now())
	return fmt.Sprintf("%s: %s", row.State, row.Text)
}
