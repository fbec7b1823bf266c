package local

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// Function is an applied function, as the stand-in for the google provider leaves
// it in applied/functions. File paths in it are relative to applied/.
type Function struct {
	Name           string            `json:"name"`
	EntryPoint     string            `json:"entry_point"`
	Environment    map[string]string `json:"environment_variables"`
	Secrets        []MountedSecret   `json:"secret_environment_variables"`
	TimeoutSeconds int               `json:"timeout_seconds"`
	Bundle         struct {
		Object string `json:"object"`
		File   string `json:"file"`
	} `json:"bundle"`
}

// MountedSecret is an environment variable that a secret's version fills.
type MountedSecret struct {
	Key  string `json:"key"`
	File string `json:"file"`
}

// Job is the applied scheduler job, from applied/jobs.
type Job struct {
	Name            string            `json:"name"`
	Schedule        string            `json:"schedule"`
	TimeZone        string            `json:"time_zone"`
	Paused          bool              `json:"paused"`
	AttemptDeadline string            `json:"attempt_deadline"`
	URI             string            `json:"uri"`
	Method          string            `json:"http_method"`
	Body            string            `json:"body"`
	Headers         map[string]string `json:"headers"`
}

// binding is a grant, from applied/iam.
type binding struct {
	Resource string `json:"resource"`
	Role     string `json:"role"`
	Member   string `json:"member"`
}

// applied is everything that the stand-in provider left for a runner.
type applied struct {
	dir       string
	functions []Function
	jobs      []Job
	bindings  []binding
}

func readApplied(dir string) (*applied, error) {
	a := &applied{dir: dir}
	for folder, into := range map[string]func([]byte) error{
		"functions": appendTo(&a.functions), "jobs": appendTo(&a.jobs), "iam": appendTo(&a.bindings),
	} {
		files, err := filepath.Glob(filepath.Join(dir, folder, "*.json"))
		if err != nil {
			return nil, fmt.Errorf("read what was applied: %w", err)
		}
		sort.Strings(files)
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err == nil {
				err = into(text)
			}
			if err != nil {
				return nil, fmt.Errorf("read what was applied, %s: %w", f, err)
			}
		}
	}
	return a, nil
}

func appendTo[T any](list *[]T) func([]byte) error {
	return func(text []byte) error {
		var v T
		if err := json.Unmarshal(text, &v); err != nil {
			return err
		}
		*list = append(*list, v)
		return nil
	}
}

// public reports whether anybody may call the function: Cloud Run's own question.
func (a *applied) public(f Function) bool {
	for _, b := range a.bindings {
		if b.Member == "allUsers" && b.Role == "roles/run.invoker" && strings.HasSuffix(b.Resource, "/services/"+f.Name) {
			return true
		}
	}
	return false
}

// environment is exactly what Google gives the function's process: the applied
// variables, the mounted secrets, and its own few.
func (a *applied) environment(f Function, port int) ([]string, error) {
	env := append(plainEnv(),
		"FUNCTION_TARGET="+f.EntryPoint, "FUNCTION_SIGNATURE_TYPE=http", "K_SERVICE="+f.Name, "K_REVISION="+f.Name+"-local",
		"HOST=127.0.0.1", fmt.Sprintf("PORT=%d", port), fmt.Sprintf("CLOUD_RUN_TIMEOUT_SECONDS=%d", f.TimeoutSeconds))
	for name, value := range f.Environment {
		env = append(env, name+"="+value)
	}
	for _, m := range f.Secrets {
		value, err := os.ReadFile(filepath.Join(a.dir, filepath.FromSlash(m.File)))
		if err != nil {
			return nil, fmt.Errorf("mount secret %s: %w", m.Key, err)
		}
		env = append(env, m.Key+"="+string(value))
	}
	return env, nil
}
