package main

import (
	"context"
	"fmt"
)

// parityCase is one question to Twilio.
type parityCase struct {
	name     string // also its file's in golden/
	about    string // what it decides, for people
	slow     bool   // it needs hours to pass
	receiver bool   // it needs a URL that Twilio can reach
	flex     bool   // it needs Flex; it skips itself where there is none
	play     func(*run)
}

// battery is all cases, in the order in which they are played.
func battery() []parityCase {
	var all []parityCase
	for _, product := range [][]parityCase{
		syncCases, chatCases, conversationCases, flexCases, taskRouterCases, eventCases, deliveryCases, errorCases,
	} {
		all = append(all, product...)
	}
	return all
}

// playAll plays the cases against a target. A case that breaks does not keep the others from being played: only the end of the
// context is an error.
func playAll(ctx context.Context, t target, cases []parityCase, said func(record)) ([]record, error) {
	var records []record
	for _, c := range cases {
		played := c.against(ctx, t)
		if err := ctx.Err(); err != nil {
			return records, fmt.Errorf("play case %s: %w", c.name, err)
		}
		records = append(records, played)
		if said != nil {
			said(played)
		}
	}
	return records, nil
}

// against plays both variants of a case.
func (c parityCase) against(ctx context.Context, t target) record {
	switch {
	case c.slow && !t.slow:
		return record{Case: c.name, Skipped: "slow: LIVE=slow plays it"}
	case c.receiver && t.receiver == nil:
		return record{Case: c.name, Skipped: "no receiver for deliveries"}
	}
	first := c.variant(ctx, t, "a")
	if first.Skipped != "" || first.Broken != "" {
		return first
	}
	second := c.variant(ctx, t, "b")
	for _, d := range compare(first, second) {
		first.Unstable = append(first.Unstable, fmt.Sprintf("%s %s: %s, then %s", d.Step, d.Path, d.Want, d.Got))
	}
	first.Broken = second.Broken
	first.Failed = append(first.Failed, second.Failed...)
	return first
}

// variant plays one variant, and cleans up after it.
func (c parityCase) variant(ctx context.Context, t target, variant string) (out record) {
	r := &run{
		target: t, ctx: ctx, variant: variant, prefix: t.run + "-" + variant + "-" + c.name, normaliser: newNormaliser(),
		seen: map[string]bool{},
	}
	r.stand(t.account, "<account>")
	defer func() {
		out = record{Case: c.name, Exchanges: r.exchanges, Failed: r.failed, raw: r.raw}
		if p := recover(); p != nil {
			end, ours := p.(stopped)
			if !ours {
				panic(p)
			}
			if out.Skipped = end.skipped; end.err != nil {
				out.Broken = end.err.Error()
			}
		}
		if left := r.clean(); left != nil {
			out.Failed = append(out.Failed, left.Error())
		}
	}()
	c.play(r)
	return out
}
