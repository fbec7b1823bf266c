package environment

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Settings are what a new environment must be told.
type Settings struct {
	ProjectID, ProjectNumber, Region, StateBucket string
	AccountSID, APIKey, ChatServiceSID            string
	Protected                                     bool
}

// Scaffold writes the files of a new environment and returns their paths, relative
// to root. An existing file is an error, and then nothing is written.
func Scaffold(root, name string, s Settings) ([]string, error) {
	files := []string{
		filepath.Join("infra", "environments", name+".tfvars"),
		filepath.Join("infra", "environments", name+".gcs.tfbackend"),
	}
	for _, f := range files {
		if _, err := os.Stat(filepath.Join(root, f)); !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("make environment %s: %s is there already", name, f)
		}
	}
	for i, text := range []string{variables(name, s), backend(name, s)} {
		path := filepath.Join(root, files[i])
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, fmt.Errorf("make environment %s: %w", name, err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return nil, fmt.Errorf("make environment %s: %w", name, err)
		}
	}
	return files, nil
}

func variables(name string, s Settings) string {
	out := &strings.Builder{}
	line := func(format string, args ...any) { fmt.Fprintf(out, format+"\n", args...) }
	line("# The environment %s. Every variable is described in infra/README.md; secrets never stand here.", name)
	line("environment = %s", strconv.Quote(name))
	line("protected   = %t", s.Protected)
	line("")
	line("project_id     = %s", strconv.Quote(s.ProjectID))
	line("project_number = %s", strconv.Quote(s.ProjectNumber))
	line("region         = %s", strconv.Quote(s.Region))
	line("")
	line("twilio_account_sid = %s", strconv.Quote(s.AccountSID))
	line("twilio_api_key     = %s", strconv.Quote(s.APIKey))
	line("chat_service_sids  = [%s]", strconv.Quote(s.ChatServiceSID))
	line("")
	line("# Look at a week of reports first, then switch on: dry_run = false")
	line("dry_run = true")
	return out.String()
}

func backend(name string, s Settings) string {
	return fmt.Sprintf("bucket = %s\nprefix = %s\n", strconv.Quote(s.StateBucket), strconv.Quote("flexsweep/"+name))
}
