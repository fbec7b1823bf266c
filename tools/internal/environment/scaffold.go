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
// to root. Of files that are there already, as prod's are, the placeholders are filled
// in and the rest is kept; without placeholders they are an error, and then nothing is
// written.
func Scaffold(root, name string, s Settings) ([]string, error) {
	fault := func(err error) error { return fmt.Errorf("make environment %s: %w", name, err) }
	files := []string{
		filepath.Join("infra", "environments", name+".tfvars"),
		filepath.Join("infra", "environments", name+".gcs.tfbackend"),
	}
	fresh := []string{variables(name, s), backend(name, s)}
	texts := make([]string, len(files))
	for i, values := range []map[string]string{s.variables(), s.backend()} {
		var err error
		if texts[i], err = written(filepath.Join(root, files[i]), fresh[i], values); err != nil {
			return nil, fault(fmt.Errorf("%s %w", files[i], err))
		}
	}
	for i, text := range texts {
		path := filepath.Join(root, files[i])
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, fault(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return nil, fault(err)
		}
	}
	return files, nil
}

// written is the text for a file: a fresh one, or the one that is there with its
// placeholders filled in.
func written(path, fresh string, values map[string]string) (string, error) {
	old, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return fresh, nil
	}
	if err != nil {
		return "", err
	}
	known, err := ReadValues(path)
	if err != nil {
		return "", err
	}
	if len(known.placeholders(path)) == 0 {
		return "", errors.New("is there already")
	}
	text, ok := fill(string(old), values)
	if !ok {
		return "", errors.New("is there already, and not all that was asked for has its line in it")
	}
	return text, nil
}

// variables are the settings that a .tfvars file gets, as HCL.
func (s Settings) variables() map[string]string {
	return map[string]string{
		"project_id": strconv.Quote(s.ProjectID), "project_number": strconv.Quote(s.ProjectNumber), "region": strconv.Quote(s.Region),
		"twilio_account_sid": strconv.Quote(s.AccountSID), "twilio_api_key": strconv.Quote(s.APIKey),
		"chat_service_sids": "[" + strconv.Quote(s.ChatServiceSID) + "]",
	}
}

func (s Settings) backend() map[string]string {
	return map[string]string{"bucket": strconv.Quote(s.StateBucket)}
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
