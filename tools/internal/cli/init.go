package cli

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/tools/internal/environment"
	"github.com/flexsweep/flexsweep/tools/internal/ui"
)

// question is one thing that a new environment needs to know.
type question struct {
	flag, ask, example string
	value              string
	fits               func(answer string) bool
}

func questions() []*question {
	sid := func(kind string) func(string) bool {
		return func(answer string) bool { return channel.IsSID(answer, kind) }
	}
	return []*question{
		{flag: "project-id", ask: "Google Cloud project id", example: "my-project", fits: regexp.MustCompile(`^[a-z][a-z0-9-]{4,28}[a-z0-9]$`).MatchString},
		{flag: "project-number", ask: "Google Cloud project number", example: "123456789012", fits: regexp.MustCompile(`^[0-9]{6,20}$`).MatchString},
		{flag: "region", ask: "Google Cloud region", example: "europe-west1", fits: regexp.MustCompile(`^[a-z]+-[a-z]+[0-9]+$`).MatchString},
		{flag: "state-bucket", ask: "bucket that keeps the Terraform state", example: "my-project-terraform", fits: regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$`).MatchString},
		{flag: "account-sid", ask: "Twilio account SID", example: "AC + 32 hex digits", fits: sid("AC")},
		{flag: "api-key", ask: "Twilio API key SID", example: "SK + 32 hex digits", fits: sid("SK")},
		{flag: "chat-service-sid", ask: "Flex Chat Service SID", example: "IS + 32 hex digits", fits: sid("IS")},
	}
}

func (p *Program) initCommand() *cobra.Command {
	asked := questions()
	var protected bool
	cmd := &cobra.Command{
		Use:     "init NAME",
		GroupID: "provision",
		Short:   "Scaffold an environment",
		Long: `Init writes infra/environments/NAME.tfvars and NAME.gcs.tfbackend. What is not given by a flag is
asked for. No secret goes into these files. Where they are there already, as for prod, the
placeholders in them are filled in and everything else stays.`,
		Example: "  flexsweep init staging --project-id my-project --region europe-west1 …",
		Args:    exactly(1, "the name of the new environment"),
		RunE: func(_ *cobra.Command, args []string) error {
			return p.init(args[0], asked, protected)
		},
	}
	for _, q := range asked {
		cmd.Flags().StringVar(&q.value, q.flag, "", fmt.Sprintf("%s (%s)", q.ask, q.example))
	}
	cmd.Flags().BoolVar(&protected, "protected", true, "let the guard watch over it; --protected=false where nobody would miss anything")
	return cmd
}

func (p *Program) init(name string, asked []*question, protected bool) error {
	if err := environment.ValidName(name); err != nil {
		return &exit{ExitUsage, err}
	}
	root, err := p.root()
	if err != nil {
		return err
	}
	if err := p.answers(asked); errors.Is(err, context.Canceled) {
		return err
	} else if err != nil {
		return &exit{ExitUsage, err}
	}
	values := map[string]string{}
	for _, q := range asked {
		values[q.flag] = q.value
	}
	files, err := environment.Scaffold(root, name, environment.Settings{
		ProjectID: values["project-id"], ProjectNumber: values["project-number"], Region: values["region"],
		StateBucket: values["state-bucket"], AccountSID: values["account-sid"], APIKey: values["api-key"],
		ChatServiceSID: values["chat-service-sid"], Protected: protected,
	})
	if err != nil {
		return err
	}
	if p.json {
		return p.printJSON(map[string]any{"environment": name, "files": files})
	}
	p.say("Wrote %s.\nGive the secrets by the environment (TWILIO_API_SECRET, TWILIO_AUTH_TOKEN), then: flexsweep plan %s", strings.Join(files, " and "), name)
	return nil
}

// answers asks for what no flag gave, each until it is right; where nobody can be asked
// it names all that is missing at once.
func (p *Program) answers(asked []*question) error {
	var faults []error
	var open []ui.Field
	for _, q := range asked {
		switch {
		case q.value == "" && p.Terminal:
			open = append(open, ui.Field{Title: fmt.Sprintf("%s (%s):", q.ask, q.example), Check: q.check, Value: &q.value})
		case q.value == "":
			faults = append(faults, fmt.Errorf("--%s is missing: %s (%s)", q.flag, q.ask, q.example))
		default:
			faults = append(faults, q.check(q.value))
		}
	}
	if err := errors.Join(faults...); err != nil || len(open) == 0 {
		return err
	}
	return ui.Fill(p.ctx, p.In, p.people(), open)
}

func (q *question) check(answer string) error {
	if q.fits(answer) {
		return nil
	}
	return fmt.Errorf("--%s %q is no %s (%s)", q.flag, answer, q.ask, q.example)
}
