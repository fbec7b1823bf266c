package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/tools/internal/operate"
	"github.com/flexsweep/flexsweep/tools/internal/ui"
)

func (p *Program) explainCommand() *cobra.Command {
	var f operateFlags
	var live bool
	cmd := &cobra.Command{
		Use:     "explain ENV CH…",
		GroupID: "look",
		Short:   "Say why a channel is, is not, or when it will be retired",
		Long: `Explain says what the ledger knows of a channel, task by task, what the policy makes of it, and in a
sentence what the next sweep does about it. With --live it asks Twilio, too, and says where the two
differ. It changes nothing.`,
		Example: `  flexsweep explain prod CH0123456789abcdef0123456789abcdef
  flexsweep explain prod CH0123456789abcdef0123456789abcdef --live`,
		Args:              channelsOf(1),
		ValidArgsFunction: p.environmentNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.explainChannel(cmd.Context(), args[0], args[1], live, f)
		},
	}
	f.register(cmd, false)
	cmd.Flags().BoolVar(&live, "live", false, "ask Twilio what it says now, and compare")
	return cmd
}

// explanation is what explain prints as JSON.
type explanation struct {
	operate.Row
	Retention   string              `json:"retention"`
	Disposition channel.Disposition `json:"disposition"`
	Record      channel.Record      `json:"record"`
	Revision    string              `json:"revision"`
	Expires     time.Time           `json:"expires,omitzero"`
	Live        []operate.Fact      `json:"live,omitempty"`
}

func (p *Program) explainChannel(ctx context.Context, name, sid string, live bool, f operateFlags) error {
	env, err := p.operator(ctx, name, f)
	if err != nil {
		return err
	}
	entry, err := env.Load(ctx, sid)
	if err != nil {
		return err
	}
	row := operate.NewRow(entry, env.Config.Policy, env.Now())
	out := explanation{
		Row: row, Retention: operate.Exact(env.Config.Policy.RetentionOf(entry.Record)), Disposition: env.Config.Policy.DispositionOf(entry.Record),
		Record: entry.Record, Revision: entry.Revision, Expires: entry.Expires,
	}
	if live {
		if out.Live, err = env.Live(ctx, entry.Record); err != nil {
			return err
		}
	}
	if p.json {
		return p.printJSON(out)
	}
	c := p.colours(p.Out)
	fmt.Fprintf(p.Out, "%s is %s: %s\n\n", sid, c.Bold(string(row.State)), row.Text)
	ui.Table(p.Out, nil, out.facts(env, entry))
	fmt.Fprintln(p.Out)
	p.printTasks(entry.Record)
	if live {
		fmt.Fprintln(p.Out)
		p.printLive(out.Live)
	}
	return nil
}

// facts are what the ledger knows, without the tasks.
func (x explanation) facts(env *operate.Environment, entry ledger.Entry) [][]string {
	r := entry.Record
	kind := strings.Join(r.Types, " and ")
	if kind == "" {
		kind = "not known"
	}
	rows := [][]string{
		{"policy", fmt.Sprintf("type %s: retention %s, then %s", kind, x.Retention, x.Disposition)},
		{"backend", string(r.Backend)},
		{"status", string(r.Status)},
	}
	add := func(name, format string, args ...any) {
		rows = append(rows, []string{name, fmt.Sprintf(format, args...)})
	}
	if r.ServiceSID != "" {
		add("service", "%s", r.ServiceSID)
	}
	if i := r.Interaction; i != nil {
		add("interaction", "%s, channel %s", i.SID, i.ChannelSID)
	}
	if h := r.Hold; h != nil {
		until := "for good"
		if !h.Until.IsZero() {
			until = "until " + operate.Stamp(h.Until)
		}
		add("hold", "by %s %s: %s", h.By, until, h.Reason)
	}
	if c := r.Claim; c != nil {
		add("claim", "sweep %s at %s, to %s", c.Run, operate.Stamp(c.Time), c.Disposition)
	}
	if t := r.Retirement; t != nil {
		add("retirement", "run %s at %s: %s, %s", t.Run, operate.Stamp(t.Time), t.Disposition, t.Result)
		if t.Found != nil {
			add("before", "long_lived=%s, status=%s", orAbsent(t.Found.LongLived), orAbsent(t.Found.Status))
		}
	}
	if r.Contradicted() {
		add("contradiction", "its tasks name different backends or channel types: the milder course is taken")
	}
	if f := r.Failure; f != nil {
		add("failing", "%d× in a row, last at %s: %s", f.Count, operate.Stamp(f.Time), operate.FailureText(f))
	}
	document := fmt.Sprintf("%s%s, revision %s", env.Config.DocumentPrefix, r.SID, entry.Revision)
	if !entry.Expires.IsZero() {
		document += ", goes at " + operate.Stamp(entry.Expires)
	}
	return append(rows, []string{"document", document})
}

func orAbsent(value *string) string {
	if value == nil {
		return "(absent)"
	}
	return *value
}

func (p *Program) printTasks(r channel.Record) {
	if len(r.Tasks) == 0 {
		fmt.Fprintln(p.Out, "No task on it is known.")
		return
	}
	sids := slices.SortedFunc(maps.Keys(r.Tasks), func(a, b string) int { return r.Tasks[a].Time.Compare(r.Tasks[b].Time) })
	var rows [][]string
	for _, sid := range sids {
		t := r.Tasks[sid]
		rows = append(rows, []string{sid, string(t.Phase), operate.Stamp(t.Time), t.Outcome})
	}
	ui.Table(p.Out, []string{"TASK", "PHASE", "SINCE", "OUTCOME"}, rows)
}

func (p *Program) printLive(facts []operate.Fact) {
	c := p.colours(p.Out)
	var rows [][]string
	differ := 0
	for _, f := range facts {
		mark := ""
		if f.Differs {
			differ++
			mark = c.Bad("differs")
		}
		rows = append(rows, []string{f.What, f.Ledger, f.Twilio, mark})
	}
	ui.Table(p.Out, []string{"WHAT", "LEDGER", "TWILIO NOW", ""}, rows)
	if differ == 0 {
		fmt.Fprintln(p.Out, "\nLedger and Twilio agree.")
	}
}
