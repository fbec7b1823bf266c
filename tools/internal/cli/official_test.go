package cli_test

import (
	"os"
	"testing"

	"github.com/flexsweep/flexsweep/tools/internal/cli"
)

// TestOfficialTwilioCannotBeHad: one sentence says so, nothing is left behind, and
// nothing remembers what could not be.
func TestOfficialTwilioCannotBeHad(t *testing.T) {
	s := newSite(t)
	config := s.path("terraform.rc")
	text := "provider_installation {\n  filesystem_mirror {\n    path = \"" + t.TempDir() + "\"\n  }\n}\n"
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TF_CLI_CONFIG_FILE", config) // a mirror with nothing in it: Terraform asks nobody else

	s.must(cli.ExitUsage, "apply", "prod", "--official-twilio")
	s.says("--official-twilio is for local only")
	s.must(cli.ExitUsage, "destroy", "prod", "--official-twilio")

	s.must(cli.ExitError, "apply", "local", "--official-twilio", "--yes")
	s.says("the official Twilio provider cannot be had from registry.terraform.io or a mirror (Could not retrieve the list of available versions for provider twilio/twilio")
	s.says("without --official-twilio its stand-in is used")
	s.nothingLeft()
}
