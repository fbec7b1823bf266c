// Package deploy runs Terraform for one environment: it stages infra/ into the
// environment's build folder, plans to a file that remembers what it was made of,
// applies exactly that plan, repeats what Twilio refused for the moment, and
// mends a state that knows objects which Twilio no longer has.
package deploy

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/flexsweep/flexsweep/tools/internal/environment"
)

// lockFile is Terraform's record of the providers it chose.
const lockFile = ".terraform.lock.hcl"

// localBackend keeps the local environment's state on this machine, beside the folder
// that Terraform runs in.
var localBackend = map[string]any{"path": "../terraform.tfstate"}

// stage copies infra/ to a folder of the environment's own, so that environments
// share neither backend nor overrides, and returns it. What Terraform keeps there
// (.terraform, the lock file) stays.
func stage(env *environment.Environment, lift []string) (string, error) {
	dir := filepath.Join(env.Build, "infra")
	if err := clear(dir); err != nil {
		return "", fmt.Errorf("prepare %s: %w", dir, err)
	}
	err := filepath.WalkDir(env.Infra, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(env.Infra, path)
		switch {
		case d.IsDir() && (rel == "environments" || rel == "tests" || d.Name() == ".terraform"):
			return filepath.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(dir, rel), 0o755)
		case !isConfiguration(rel):
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, rel), content, 0o644)
	})
	if err != nil {
		return "", fmt.Errorf("stage infra/: %w", err)
	}
	return dir, writeOverride(dir, env, lift)
}

// snapshot copies the environment's two files to where it alone looks: a run that
// takes minutes, or is repeated, goes by what they said when it began. It returns their
// new places; a file that the environment has not stays "".
func snapshot(env *environment.Environment) (varFile, backendFile string, err error) {
	dir := filepath.Join(env.Build, "inputs")
	if err := os.RemoveAll(dir); err != nil {
		return "", "", fmt.Errorf("prepare %s: %w", dir, err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", "", fmt.Errorf("prepare %s: %w", dir, err)
	}
	copied := func(from string) string {
		if from == "" || err != nil {
			return ""
		}
		to := filepath.Join(dir, filepath.Base(from))
		var text []byte
		if text, err = os.ReadFile(from); err == nil {
			err = os.WriteFile(to, text, 0o644)
		}
		return to
	}
	varFile, backendFile = copied(env.VarFile), copied(env.BackendFile)
	if err != nil {
		return "", "", fmt.Errorf("copy the environment's variables: %w", err)
	}
	return varFile, backendFile, nil
}

func isConfiguration(rel string) bool {
	return strings.HasSuffix(rel, ".tf") || strings.HasSuffix(rel, ".tf.json") || rel == lockFile
}

// clear empties dir but for what Terraform keeps there.
func clear(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() == ".terraform" || e.Name() == lockFile {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// writeOverride writes what differs from infra/ as it stands: a state on this
// machine for the local environment, and prevent_destroy lifted for the addresses
// that the user named.
func writeOverride(dir string, env *environment.Environment, lift []string) error {
	override := map[string]any{}
	if env.IsLocal() {
		override["terraform"] = map[string]any{"backend": map[string]any{"local": localBackend}}
	}
	resources := map[string]map[string]any{}
	for _, address := range lift {
		kind, name, ok := strings.Cut(address, ".")
		if !ok || strings.ContainsAny(name, ".[") || kind == "module" {
			continue // an instance or a module's resource: an override cannot name it
		}
		if resources[kind] == nil {
			resources[kind] = map[string]any{}
		}
		resources[kind][name] = map[string]any{"lifecycle": map[string]any{"prevent_destroy": false}}
	}
	if len(resources) > 0 {
		override["resource"] = resources
	}
	if len(override) == 0 {
		return nil
	}
	text, err := json.MarshalIndent(override, "", "  ")
	if err != nil {
		return fmt.Errorf("write the override: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "flexsweep_override.tf.json"), text, 0o644); err != nil {
		return fmt.Errorf("write the override: %w", err)
	}
	return nil
}
