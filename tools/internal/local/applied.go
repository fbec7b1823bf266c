package local

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/flexsweep/flexsweep/test/tfdouble/applied"
)

// deployed is everything that the stand-in provider left for a runner.
type deployed struct {
	dir       string
	functions []applied.Function
	jobs      []applied.Job
	bindings  []applied.Binding
}

func readApplied(dir string) (*deployed, error) {
	d := &deployed{dir: dir}
	var err error
	if d.functions, err = applied.Functions(dir); err != nil {
		return nil, err
	}
	if d.jobs, err = applied.Jobs(dir); err != nil {
		return nil, err
	}
	d.bindings, err = applied.Bindings(dir)
	return d, err
}

// public reports whether anybody may call the function: Cloud Run's own question.
func (d *deployed) public(f applied.Function) bool {
	for _, b := range d.bindings {
		if b.Member == "allUsers" && b.Role == "roles/run.invoker" && strings.HasSuffix(b.Resource, "/services/"+f.Name) {
			return true
		}
	}
	return false
}

// environment is exactly what Google gives the function's process: the applied
// variables, the mounted secrets, and its own few.
func (d *deployed) environment(f applied.Function, port int) ([]string, error) {
	env := append(plainEnv(),
		"FUNCTION_TARGET="+f.EntryPoint, "FUNCTION_SIGNATURE_TYPE=http", "K_SERVICE="+f.Name, "K_REVISION="+f.Name+"-local",
		"HOST=127.0.0.1", fmt.Sprintf("PORT=%d", port), fmt.Sprintf("CLOUD_RUN_TIMEOUT_SECONDS=%d", f.TimeoutSeconds))
	for name, value := range f.EnvironmentVariables {
		env = append(env, name+"="+value)
	}
	for _, m := range f.Secrets {
		value, err := os.ReadFile(filepath.Join(d.dir, filepath.FromSlash(m.File)))
		if err != nil {
			return nil, fmt.Errorf("mount secret %s: %w", m.Key, err)
		}
		env = append(env, m.Key+"="+string(value))
	}
	return env, nil
}
